internal import ArgumentParser
internal import JSON
internal import Model
internal import Training

/// `trainer evaluate`: how well a checkpoint finds the labels of rows.
struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Measures a checkpoint on labelled rows.",
        discussion: """
            Prints precision, recall and F1 of every label, the confusion matrix and the accuracy. \
            With --json one object: model, rows, accuracy, macro_f1, loss (nats), labels, \
            per_label, and confusion, whose rows are true labels and columns predicted ones, in \
            the order of labels.
            """
    )

    @Option(help: ArgumentHelp("The checkpoint.", valueName: "file"))
    var checkpoint: String

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Labelled rows; - is standard input.", valueName: "file")
    )
    var data: [String]

    @OptionGroup var format: FormatOption

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        try reportingFailures {
            let classifier = try TextClassifier(Checkpoint(contentsOf: checkpoint))
            let examples = try DataFiles.read(data, format: format.format)
            let evaluation = try Evaluation(of: classifier, on: examples, part: "given")
            try StandardOutput.write(
                json
                    ? encoded(evaluation, model: classifier.model)
                    : Array(EvaluationReport(evaluation).description.utf8)
            )
        }
    }

    private func encoded(_ evaluation: Evaluation, model: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("model")
        writer.string(model)
        evaluation.encodeMembers(to: &writer)
        writer.endObject()
        return writer.finish() + Array("\n".utf8)
    }
}
