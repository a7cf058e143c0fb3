internal import ArgumentParser
internal import Evaluation
internal import Examples
internal import Judgement
internal import Model

/// `trainer shrink`: a smaller file of nearly the same model.
struct ShrinkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shrink",
        abstract: "Leaves out the features of a checkpoint that matter least.",
        discussion: """
            Of the linear path, the features with the shortest rows of weights go. On 77 banking \
            intents half of the features make no difference that can be seen.

            Other weights have other figures. With --test the smaller model is scored on these \
            rows, and its file has the result. Without --test held_out and train are null, and \
            coverage and baselines are empty. Baselines stay if the rows are those of the \
            checkpoint's own figures.
            """
    )

    @Option(help: ArgumentHelp("The checkpoint.", valueName: "file"))
    var checkpoint: String

    @Option(help: ArgumentHelp("Where to write the smaller one.", valueName: "file"))
    var out: String

    @Option(help: ArgumentHelp("The share of features to keep.", valueName: "fraction"))
    var keep = 0.5

    @Option(
        help: ArgumentHelp(
            "Rows that only measure the result; none that was trained on.",
            valueName: "file"
        )
    )
    var test: String?

    @OptionGroup var rows: RowArguments

    func validate() throws {
        if !(keep > 0 && keep <= 1) {
            throw ValidationError("--keep must be above 0 and at most 1, such as 0.5.")
        }
    }

    func run() throws {
        try reportingFailures {
            let original = try Checkpoint(contentsOf: checkpoint)
            try OutputPath.check(out)
            var shrunk = original.pruned(keeping: keep)
            let isSame = shrunk == original
            var lines: [String] = []
            if let test {
                lines = try measure(&shrunk, original, on: DataFiles.read([test], rows))
            } else if !isSame {
                StandardError.say(
                    "note: \(out) has no figures, since its weights were not scored; give rows "
                        + "that were not trained on: --test"
                )
            }
            if isSame { StandardError.say("note: no feature was left out") }
            let bytes = shrunk.encoded()
            try CheckpointFile.write(bytes, to: out)
            lines.append("wrote \(out) (\(bytes.count) bytes)\n")
            try StandardOutput.write(page: lines.joined())
        }
    }

    /// Records what the smaller model scores on rows.
    ///
    /// - Returns: Lines that tell it, beside what the original scores.
    private func measure(
        _ shrunk: inout Checkpoint,
        _ original: Checkpoint,
        on examples: [Example]
    ) throws -> [String] {
        let before = try evaluation(of: original, on: examples).scores
        let after = try evaluation(of: shrunk, on: examples)
        shrunk.training.heldOut = after.scores
        shrunk.training.coverage = after.confidence.coverage
        let strangers = ExampleSet.parted(examples).outOfScope.map(\.text)
        shrunk.training.outOfScope =
            OutOfScopeProposal(
                inScope: after.confidence,
                outOfScope: try TextClassifier(shrunk).certainties(of: strangers)
            ).figures
        // Baselines were scored on the rows of `held_out`: the same rows give the same scores
        // again.
        shrunk.training.baselines =
            before == original.training.heldOut ? original.training.baselines : []
        return [("before", before), ("now", after.scores)].map { name, scores in
            "\(name): accuracy \(percent(scores.accuracy, digits: 2)) of \(scores.rows) "
                + "rows, macro-F1 \(decimal(scores.macroF1, digits: 3)), "
                + "loss \(decimal(scores.loss, digits: 4))\n"
        }
    }

    private func evaluation(
        of checkpoint: Checkpoint,
        on examples: [Example]
    ) throws -> Evaluation {
        let classifier = try TextClassifier(checkpoint)
        do throws(Evaluation.UnknownLabel) {
            return try Evaluation(of: classifier, on: examples)
        } catch {
            throw Failure(error)
        }
    }
}
