internal import ArgumentParser
internal import Evaluation
internal import Examples
internal import JSON
internal import Model

/// `trainer diff`: which texts two checkpoints answer differently.
struct DiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Shows which texts two checkpoints answer differently, and by how much.",
        discussion: """
            Lists texts that get another label, then texts whose probabilities move, the largest \
            change first. The change is the share of probability that goes to other labels, from 0 \
            to 1. Labels of the rows count as right. A file without labels has one text a line and \
            the name *.txt.

            With --json one object: texts, label_changes, fixed and broken (texts with a label \
            that only the second or only the first checkpoint finds), and changes, each with index \
            (from 0), text, expected, before, after and change. The status is 0 whatever differs.
            """
    )

    @Argument(help: ArgumentHelp("The first checkpoint.", valueName: "before"))
    var before: String

    @Argument(help: ArgumentHelp("The second checkpoint.", valueName: "after"))
    var after: String

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Texts, with or without labels; - is standard input.", valueName: "file")
    )
    var data: [String]

    @OptionGroup var rows: RowArguments

    @Option(
        help: ArgumentHelp("List texts that keep their label from this change on.", valueName: "x")
    )
    var leastChange = ClassifierDifference.leastChange

    @Option(
        help: ArgumentHelp("The most texts to list. (default: 50, with --json all)", valueName: "n")
    )
    var limit: Int?

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard (0...1).contains(leastChange) else {
            throw ValidationError("--least-change must be from 0 to 1.")
        }
        guard limit.map({ $0 >= 0 }) ?? true else {
            throw ValidationError("--limit must not be negative.")
        }
    }

    func run() throws {
        try reportingFailures {
            let difference = ClassifierDifference(
                from: try TextClassifier(Checkpoint(contentsOf: before)),
                to: try TextClassifier(Checkpoint(contentsOf: after)),
                on: try questions(),
                leastChange: leastChange
            )
            if json {
                var writer = JSONWriter()
                writer.beginObject()
                difference.encodeMembers(to: &writer, limit: limit ?? .max)
                writer.endObject()
                try StandardOutput.write(json: writer.finish())
            } else {
                try StandardOutput.write(page: text(difference))
            }
        }
    }

    private func questions() throws -> [ClassifierDifference.Question] {
        try data.flatMap { path -> [ClassifierDifference.Question] in
            if rows.format == nil && path.hasSuffix(".txt") {
                return try DataFiles.readTexts([path], rows).map { .init($0) }
            }
            return try DataFiles.read([path], rows).map {
                .init($0.text, expected: $0.label)
            }
        }
    }

    private func text(_ difference: ClassifierDifference) -> String {
        let changes = difference.labelChanges
        var text = "\(changes) of \(difference.count) texts get another label"
        text += difference.rows.isEmpty && changes == 0 ? "; no probability moves\n" : ""
        if !difference.rows.isEmpty {
            text += " (\(difference.fixed) fixed, \(difference.broken) broken); "
            text += "\(difference.rows.count - changes) others move by "
            text += "\(decimal(leastChange, digits: 2)) or more\n\n"
        }
        let shown = difference.rows.prefix(limit ?? 50)
        for row in shown {
            text +=
                "\(decimal(row.change, digits: 3))  \(answer(row.before)) -> \(answer(row.after))"
            let isRight = row.isRight(row.after)
            let wasRight = row.isRight(row.before)
            if row.isLabelChanged && (isRight == true || wasRight == true) {
                text += isRight == true ? "  fixed" : "  broken"
            }
            let line = row.question.text.split(whereSeparator: \.isNewline).joined(separator: " ")
            text += "  \(line)\n"
        }
        if shown.count < difference.rows.count {
            text += "… and \(difference.rows.count - shown.count) more\n"
        }
        return text
    }

    private func answer(_ answer: ClassifierDifference.Answer) -> String {
        "\(LabelSet.shown(answer.label)) \(decimal(Double(answer.score), digits: 3))"
    }
}
