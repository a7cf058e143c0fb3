internal import ArgumentParser
internal import Examples
internal import RasaData
internal import TextForm
internal import Training

/// `--format` and the options that say where label and text stand.
struct RowArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The format of the data: tsv, csv, jsonl, fasttext or rasa (training data of Rasa in "
                + "YAML). Otherwise it is told by the file's name or contents.",
            valueName: "format"
        )
    )
    var format: DataFormat?

    @Option(
        help: ArgumentHelp(
            "The column of the label, or the member in JSON rows: its name, or its number from 1. "
                + "Otherwise it is told by its name (label, category, class, intent, …).",
            valueName: "column"
        )
    )
    var labelColumn: String?

    @Option(
        help: ArgumentHelp(
            "The column of the text, likewise. Otherwise it is told by its name (text, sentence, "
                + "utterance, message, …).",
            valueName: "column"
        )
    )
    var textColumn: String?

    @Option(
        help: ArgumentHelp(
            "What stands between the labels of a text in CSV and TSV, such as a comma: then a text "
                + "may have several, or none.",
            valueName: "text"
        )
    )
    var labelSeparator: String?

    @Option(
        help: ArgumentHelp(
            "The label of texts that have none of the labels, as null says in JSON; an empty one "
                + "means cells that are left empty. They are not learnt: they choose and measure "
                + "below which certainty a text is none of these.",
            valueName: "label"
        )
    )
    var noneLabel: String?

    @Option(
        help: ArgumentHelp(
            "Whether the first line of CSV and TSV names the columns: yes or no. Otherwise its "
                + "names tell.",
            valueName: "yes|no"
        )
    )
    var header: HeaderChoice?

    /// What was said about the columns.
    var columns: ColumnOptions {
        ColumnOptions(
            label: labelColumn,
            text: textColumn,
            hasHeader: header.map { $0 == .yes },
            labelSeparator: labelSeparator,
            outOfScope: noneLabel.map { OutOfScopeLabel($0) },
            spelling: .commandLine
        )
    }
}

/// Whether there is a header.
enum HeaderChoice: String, ExpressibleByArgument {
    case yes
    case no
}

/// How the rows of a file are written.
enum DataFormat: String, CaseIterable, ExpressibleByArgument {
    case tsv
    case csv
    case jsonl
    case fasttext
    case rasa

    /// The format of rows; nil for Rasa's training data.
    var rows: ExampleFormat? { ExampleFormat(rawValue: rawValue) }
}

/// Labelled rows in files.
enum DataFiles {
    /// The rows of all files, in order.
    ///
    /// - Throws: `Failure` that names every bad row by file and line, up to twenty.
    static func read(_ paths: [String], _ rows: RowArguments) throws -> [Example] {
        var examples: [Example] = []
        for path in paths {
            let input = try InputFile(path)
            let name = input.name
            let bytes = try input.readAll()
            do {
                let file = try read(bytes, name, rows)
                for note in file.notes { StandardError.say("note: \(note)") }
                examples += file.examples
            } catch {
                throw Failure(.badData, error.description)
            }
        }
        let truncated = examples.count(where: \.isTruncated)
        if truncated > 0 {
            StandardError.say(
                "note: \(truncated) \(truncated == 1 ? "text" : "texts") truncated, having more "
                    + "than \(ExampleRules().text.maximumBytes) bytes"
            )
        }
        return examples
    }

    private static func read(
        _ bytes: [UInt8],
        _ name: String,
        _ rows: RowArguments
    ) throws(RowErrors) -> (examples: [Example], notes: [String]) {
        let isRasa = rows.format.map { $0 == .rasa } ?? RasaTrainingData.isNamed(name)
        if isRasa { return try RasaTrainingData.read(bytes, source: name) }
        let file = try ExampleReader.read(
            bytes,
            format: rows.format?.rows,
            columns: rows.columns,
            source: name
        )
        return (file.examples, file.notes)
    }

    /// The texts of all files, whatever their labels; a file called `*.txt` has one a line unless
    /// `--format` says otherwise.
    static func readTexts(_ paths: [String], _ rows: RowArguments) throws -> [String] {
        var texts: [String] = []
        for path in paths {
            if rows.format != nil || !path.hasSuffix(".txt") {
                texts += try read([path], rows).map(\.text)
                continue
            }
            texts += try readLines(path)
        }
        return texts
    }

    /// The texts of a file that has one a line; empty lines are none.
    static func readLines(_ path: String) throws -> [String] {
        var texts: [String] = []
        let lines = LineReader(try InputFile(path), longest: PredictCommand.longestLine)
        try lines.forEach {
            let text = ExampleRules().text.form(of: String(decoding: $0, as: UTF8.self)).text
            if !text.allSatisfy(\.isWhitespace) { texts.append(text) }
        } afterEachRead: {
        }
        return texts
    }
}
