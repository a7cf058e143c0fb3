internal import ArgumentParser
internal import Examples
internal import JSON
internal import Model
internal import TextForm

/// `trainer predict`: one text a line in, one answer a line out.
struct PredictCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "predict",
        abstract: "Classifies texts, one a line.",
        discussion: """
            Prints for each line the label, a tab and its probability; with --json an object with \
            label, score, scores, tokens, unknown_words (their share), truncated and abstained. \
            A model of several labels a text prints all that pass their thresholds, each with its \
            probability, or an empty line; with --json labels (an array) instead of label and \
            score. Answers come as lines arrive, so it works in a pipe. Of a line of more than \
            1 MiB the start is read.

            With --min-confidence a line that scores lower abstains: it is empty, or with --json \
            abstained. "proposed" is the certainty of the checkpoint's record below which a text \
            is none of the labels; with --json the reason is then "none of these".

            A line without a known word gets the shares of the labels in training as its scores. \
            With --json it is abstained, with the reason "no known words".
            """
    )

    /// What is read of a line, in bytes: enough for the longest text in any form.
    static let longestLine = 3 * ExampleRules().text.maximumBytes + 4

    @Option(help: ArgumentHelp("The checkpoint.", valueName: "file"))
    var checkpoint: String

    @Argument(help: ArgumentHelp("Texts, one a line; - is standard input.", valueName: "file"))
    var file = "-"

    @Option(
        help: ArgumentHelp(
            "The score below which an answer abstains, from 0 to 1, or proposed.",
            valueName: "score"
        )
    )
    var minConfidence: LeastScore?

    @Flag(help: "Print JSON, one object a line.")
    var json = false

    @Flag(
        help: """
            Print lines as fasttext predict-prob does: __label__ and the label, a blank, its \
            probability. White space in a label becomes _.
            """
    )
    var fasttext = false

    @Option(help: "With --fasttext: how many of the best labels a line has.")
    var topK: Int?

    func validate() throws {
        if json && fasttext {
            throw ValidationError("--json and --fasttext are two forms; give one.")
        }
        if let topK {
            guard fasttext else {
                throw ValidationError("--top-k is for --fasttext; --json has all labels.")
            }
            guard topK > 0 else { throw ValidationError("--top-k must be 1 or more.") }
        }
    }

    private var form: PredictionWriter.Form {
        json ? .json : fasttext ? .fastText(count: topK) : .plain
    }

    /// What an answer needs in order to stand.
    private func least(_ classifier: TextClassifier) throws -> PredictionWriter.Least? {
        switch minConfidence {
        case nil: return nil
        case .score(let score): return .score(score)
        case .proposed:
            guard let certainty = classifier.outOfScopeThreshold else {
                throw Failure(
                    .badData,
                    "\(checkpoint) proposes nothing: it was trained without texts of none of its "
                        + "labels; give --min-confidence a number"
                )
            }
            return .certainty(certainty)
        }
    }

    func run() throws {
        try reportingFailures {
            let classifier = try TextClassifier(Checkpoint(contentsOf: checkpoint))
            let lines = LineReader(try InputFile(file), longest: PredictCommand.longestLine)
            let answers = PredictionWriter(classifier, form, try least(classifier))
            var output: [UInt8] = []
            do {
                try lines.forEach {
                    answers.append($0, to: &output)
                } afterEachRead: {
                    try StandardOutput.write(output)
                    output.removeAll(keepingCapacity: true)
                }
            } catch let failure as Failure {
                // What came before the bad line was answered.
                try StandardOutput.write(output)
                throw failure
            }
        }
    }
}

/// What `--min-confidence` names.
enum LeastScore: ExpressibleByArgument {
    case score(Float)
    /// The one that the checkpoint proposes.
    case proposed

    init?(argument: String) {
        if argument == "proposed" {
            self = .proposed
            return
        }
        guard let score = Float(argument), (0...1).contains(score) else { return nil }
        self = .score(score)
    }
}
