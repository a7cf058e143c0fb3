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

            Rows of --out-of-scope belong to none of the labels, as do rows with "label": null or \
            the label of --none-label. The former are read in the same formats, their labels \
            ignored; a file without labels has one text a line and the name *.txt. Such rows count \
            for no other figure. Reported are AUROC (how often a row in scope has more certainty \
            than one out of scope; 0.5 is chance) with its 95 % interval, the share that is \
            accepted when 95 % of the rows in scope are, and what the checkpoint's proposal does. \
            Certainty is one over the perplexity of the labels' probabilities. With --json as \
            out_of_scope: rows, auroc, auroc_low, auroc_high, threshold (the certainty that 95 % \
            have), accepted_at_95 and, with a proposal, proposed_threshold, caught, right_answers, \
            lost.
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
            var evaluation = try evaluation(
                of: classifier,
                on: examples
                    + (classifier.output == .oneLabel ? strangers : []).map {
                        Example(outOfScope: $0)
                    }
            )
            if classifier.output == .multi {
                evaluation.outOfScope = OutOfScopeReport(
                    inScope: evaluation.confidence,
                    outOfScope: classifier.certainties(of: strangers),
                    proposed: nil
                )
            }
            if json {
                let answer = encoded(evaluation, model: classifier.model)
                try StandardOutput.write(json: answer)
            } else {
                let page = EvaluationReport(evaluation).description
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

    private func encoded(_ evaluation: Evaluation, model: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("model", string: model)
        evaluation.encodeMembers(to: &writer)
        writer.endObject()
        return writer.finish()
    }
}
