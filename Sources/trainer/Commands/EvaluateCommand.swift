internal import ArgumentParser
internal import Evaluation
internal import Examples
internal import JSON
internal import Model
internal import Report

/// `trainer evaluate`: how well a checkpoint finds the labels of rows.
struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Measures a checkpoint on labelled rows.",
        discussion: """
            Prints precision, recall and F1 of every label, the confusion matrix, the surest \
            mistakes, accuracy, the expected calibration error (15 bins of equal width), and from \
            which score on 90, 95 and 99 % of the answers are right. With --json one object: \
            model, rows, accuracy, macro_f1, loss (nats), ece (0 to 1), coverage, labels, \
            per_label, confusion, whose rows are true labels and columns predicted ones, in the \
            order of labels, top_confusions (label, answer, rows; the 20 with most rows) and \
            mistakes (text, label, answer, score; the surest first, texts cut at 300 characters).

            Of a model of several labels a text it prints micro-F1, macro-F1, the share of exact \
            sets and the Hamming loss; with --json micro_f1, macro_f1, subset_accuracy (also \
            accuracy), hamming_loss and per_label. confusion is then empty; top_confusions are \
            labels that were missing and wrong ones in their place, and mistakes have labels and \
            answers.

            Rows of --out-of-scope belong to none of the labels. They are read in the same \
            formats, their labels ignored; a file without labels has one text a line and the name \
            *.txt. Reported are AUROC (how often a row in scope scores higher than one out of \
            scope; 0.5 is chance) and the share that is accepted when 95 % of the rows in scope \
            are; with --json as out_of_scope: rows, auroc, threshold, accepted_at_95.
            """
    )

    @Option(help: ArgumentHelp("The checkpoint.", valueName: "file"))
    var checkpoint: String

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Labelled rows; - is standard input.", valueName: "file")
    )
    var data: [String]

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Texts that belong to none of the labels.", valueName: "file")
    )
    var outOfScope: [String] = []

    @OptionGroup var rows: RowArguments

    @Option(help: ArgumentHelp("How many mistakes to list, from 0 to 1000.", valueName: "n"))
    var mistakes = Mistake.listed

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard Mistake.allowedCounts.contains(mistakes) else {
            throw ValidationError("--mistakes must be from 0 to 1000.")
        }
    }

    func run() throws {
        try reportingFailures {
            let classifier = try TextClassifier(Checkpoint(contentsOf: checkpoint))
            let examples = try DataFiles.read(data, rows)
            let strangers = try DataFiles.readTexts(outOfScope, rows)
            let evaluation = try evaluation(of: classifier, on: examples)
            let report = OutOfScopeReport(
                classifier,
                inScope: evaluation.confidence,
                texts: strangers
            )
            if json {
                let answer = encoded(evaluation, report, model: classifier.model)
                try StandardOutput.write(json: answer)
            } else {
                let page = EvaluationReport(evaluation).description + text(report)
                try StandardOutput.write(page: page)
            }
        }
    }

    private func evaluation(
        of classifier: TextClassifier,
        on examples: [Example]
    ) throws -> Evaluation {
        do throws(Evaluation.UnknownLabel) {
            return try Evaluation(of: classifier, on: examples, mistakeCount: mistakes)
        } catch {
            throw Failure(error)
        }
    }

    private func text(_ report: OutOfScopeReport?) -> String {
        guard let report else { return "" }
        let accepted = percent(report.acceptedAt95, digits: 2)
        return """

            out of scope: AUROC \(decimal(report.auroc, digits: 4)) on \(report.rows) rows; \
            \(accepted) of them score \(decimal(Double(report.threshold), digits: 4)) or more, \
            as 95 % of the rows in scope do

            """
    }

    private func encoded(
        _ evaluation: Evaluation,
        _ report: OutOfScopeReport?,
        model: String
    ) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("model", string: model)
        evaluation.encodeMembers(to: &writer)
        if let report {
            writer.key("out_of_scope")
            writer.beginObject()
            writer.member("rows", int: report.rows)
            writer.member("auroc", double: report.auroc)
            writer.member("threshold", float: report.threshold)
            writer.member("accepted_at_95", double: report.acceptedAt95)
            writer.endObject()
        }
        writer.endObject()
        return writer.finish()
    }
}
