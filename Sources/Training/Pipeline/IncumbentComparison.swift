public import Evaluation
public import Examples
public import JSON
public import Model

/// The version that is live, with what is needed to compare another one fairly.
public struct Incumbent: Sendable {
    /// Its number.
    public var version: Int
    /// Its network; nil if it cannot be read.
    public var classifier: TextClassifier?
    /// What it, or networks trained in the same way, said of rows that they had not learnt.
    public var answers: [AnsweredExample]
    /// The rows of its data set; empty if they are not known, as of a file.
    public var examples: [Example]

    /// Describes the version that is live.
    public init(
        version: Int,
        classifier: TextClassifier?,
        answers: [AnsweredExample],
        examples: [Example]
    ) {
        self.version = version
        self.classifier = classifier
        self.answers = answers
        self.examples = examples
    }
}

/// A candidate and the live version on the same rows, none of which either has learnt.
///
/// The candidate's answers are held out. Those of the live version are what was kept when it was
/// trained, or, for rows that were not among its own, what it says now. A row that it has learnt and
/// of which no such answer was kept is left out; a row whose label it does not know counts against it.
public struct IncumbentComparison: Sendable, Equatable {
    /// The version that the candidate is compared with.
    public let version: Int
    /// The rows that were compared.
    public private(set) var paired = PairedComparison()
    /// How many held-out rows were left out.
    public private(set) var leftOut = 0
    /// Whether the live version can be read at all.
    public let isReadable: Bool

    /// Compares answers to held-out rows with those of the live version.
    init(_ answers: [AnsweredExample], with incumbent: Incumbent) {
        version = incumbent.version
        guard let classifier = incumbent.classifier else {
            isReadable = false
            leftOut = answers.count
            return
        }
        isReadable = true
        let tokenizer = classifier.tokenizer
        // Equal words are one text for any model, however they are written.
        func key(_ text: String) -> [String] { tokenizer.tokens(in: text) }
        let kept = Dictionary(
            incumbent.answers.map { (key($0.text), $0.label) },
            uniquingKeysWith: { first, _ in first }
        )
        let learnt = Set(incumbent.examples.map { key($0.text) })
        let scratch = classifier.makeScratch()
        for answer in answers {
            let label: String
            let words = key(answer.text)
            if let known = kept[words] {
                label = known
            } else if learnt.contains(words) {
                leftOut += 1
                continue
            } else {
                var text = answer.text
                let prediction = text.withUTF8 { classifier.classify(utf8: $0, scratch: scratch) }
                label = classifier.labels[prediction.labelIndex]
            }
            paired.append(
                candidate: answer.label == answer.truth,
                incumbent: label == answer.truth
            )
        }
    }

    /// Writes an object: `version`, the members of `PairedComparison` and `left_out`.
    public func encode(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("version")
        writer.int(version)
        paired.encodeMembers(to: &writer)
        writer.key("left_out")
        writer.int(leftOut)
        writer.endObject()
    }
}
