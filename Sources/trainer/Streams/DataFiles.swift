public import ArgumentParser
public import Examples
internal import TextForm
internal import Training

/// `--format`.
struct FormatOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The format of the data: tsv, csv, jsonl or fasttext. Otherwise it is told by the "
                + "file's name or contents.",
            valueName: "format"
        )
    )
    var format: ExampleFormat?
}

extension ExampleFormat: ExpressibleByArgument {}

/// Labelled rows in files.
enum DataFiles {
    /// The rows of all files, in order.
    ///
    /// - Throws: `Failure` that names every bad row by file and line, up to twenty.
    static func read(_ paths: [String], format: ExampleFormat?) throws -> [Example] {
        var examples: [Example] = []
        for path in paths {
            let file = try InputFile(path)
            let name = file.name
            let bytes = try file.readAll()
            do {
                examples += try ExampleReader.read(bytes, format: format, source: name).examples
            } catch {
                throw Failure(.badData, error.description)
            }
        }
        return examples
    }

    /// The texts of all files, whatever their labels; a file called `*.txt` has one a line unless
    /// `format` says otherwise.
    static func readTexts(_ paths: [String], format: ExampleFormat?) throws -> [String] {
        var texts: [String] = []
        for path in paths {
            if format != nil || !path.hasSuffix(".txt") {
                texts += try read([path], format: format).map(\.text)
                continue
            }
            let lines = LineReader(try InputFile(path), longest: PredictCommand.longestLine)
            try lines.forEach {
                let text = NFC.normalized(String(decoding: $0, as: UTF8.self))
                if !text.allSatisfy(\.isWhitespace) { texts.append(text) }
            } afterEachRead: {
            }
        }
        return texts
    }
}
