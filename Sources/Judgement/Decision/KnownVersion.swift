public import Evaluation
public import Examples
public import Model

/// A version that another one is compared with, and what is known of it.
public struct KnownVersion: Sendable {
    /// Its number.
    public var version: Int
    /// Its network; nil if it cannot be read, or is not needed.
    public var classifier: TextClassifier?
    /// What it, or networks trained in the same way, said of rows that they had not learnt.
    public var answers: [AnsweredExample]
    /// The rows of its data set; empty if they are not known, as of a file.
    public var examples: [Example]

    /// Describes a version.
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

    /// The labels that it can give.
    var labels: Set<String> {
        Set(classifier?.labels ?? []).union(examples.flatMap(\.labelSet.labels))
    }
}
