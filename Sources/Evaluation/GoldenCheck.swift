public import Examples
public import JSON
public import Model

/// What a model answers to golden cases: texts whose labels every served version must find.
public struct GoldenCheck: Sendable, Equatable {
    /// What became of one case.
    public struct Outcome: Sendable, Equatable {
        /// The text, and the label that it must get.
        public let expected: Example
        /// The label that it got, or what stands for the set of labels.
        public let label: String
        /// The probability of that label or set, from 0 to 1.
        public let score: Float
        /// Whether the text gets what it must; one of none of the labels must have less certainty
        /// than the model's record proposes.
        public let isPassed: Bool
    }

    /// The cases in their order.
    public let outcomes: [Outcome]

    /// Classifies the text of every case.
    public init(_ classifier: TextClassifier, cases: some Collection<Example>) {
        let scratch = classifier.makeScratch()
        outcomes = cases.map { example in
            let answer = classifier.stated(example.text, scratch: scratch)
            return Outcome(
                expected: example,
                label: answer.label,
                score: answer.score,
                isPassed: classifier.isRight(answer, for: example)
            )
        }
    }

    /// The cases that do not get their label, in their order.
    public var failures: [Outcome] { outcomes.filter { !$0.isPassed } }

    /// Whether all cases pass.
    public var isPassed: Bool { outcomes.allSatisfy(\.isPassed) }

    /// Writes an object: `cases`, `passed` (both counts) and `failures`, an array of objects with
    /// `text`, `label` (the one it must get; null for none of them), `answer` and `score`; where
    /// texts may have several labels, arrays `labels` and `answers`.
    public func encode(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("cases", int: outcomes.count)
        writer.member("passed", int: outcomes.count - failures.count)
        writer.member("failures", objects: failures) { failure, writer in
            writer.member("text", string: failure.expected.text)
            if LabelSet.isStored(failure.label) || failure.expected.labels != nil {
                let labels = failure.expected.labelSet.labels
                writer.member("labels", array: labels) { $1.string($0) }
                let answers = LabelSet.of(failure.label).labels
                writer.member("answers", array: answers) { $1.string($0) }
            } else {
                let label = failure.expected.isOutOfScope ? nil : failure.expected.label
                writer.member("label", string: label)
                writer.member("answer", string: failure.label)
            }
            writer.member("score", float: failure.score)
        }
        writer.endObject()
    }
}

extension TextClassifier {
    /// Whether a text got what it is to get.
    fileprivate func isRight(_ answer: StatedAnswer, for example: Example) -> Bool {
        guard example.isOutOfScope, output == .oneLabel else {
            return LabelSet.of(answer.label) == example.labelSet
        }
        return answer.certainty < outOfScopeThreshold ?? .leastNormalMagnitude
    }
}
