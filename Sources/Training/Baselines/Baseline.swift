package import Evaluation
package import Model

/// A plain model that a network has to beat before it is worth its weights.
protocol Baseline {
    /// What reports call it.
    static var name: String { get }

    /// Learns from some rows.
    ///
    /// - Parameters:
    ///   - texts: all texts.
    ///   - labels: the label of each text.
    ///   - rows: the numbers of the texts to learn from, at least one.
    ///   - classCount: the number of labels.
    init(_ texts: TokenizedTexts, labels: [Int], rows: [Int], classCount: Int)

    /// The number of weights.
    var parameterCount: Int { get }

    /// The probability of each label, given the tokens of a text of the same `texts`.
    func probabilities(_ tokens: ArraySlice<Int32>) -> [Float]
}

/// What a baseline scored, and what it took.
package struct BaselineScore: Sendable {
    package let name: String
    package let evaluation: Evaluation
    /// The time to learn and to answer.
    package let elapsed: Duration
    package let parameterCount: Int

    /// What a checkpoint records of it.
    var record: TrainingRecord.Baseline {
        .init(name: name, accuracy: evaluation.accuracy, macroF1: evaluation.macroF1)
    }

    /// Fits and scores both baselines: the most frequent label, and a bag of words.
    ///
    /// - Parameters:
    ///   - texts: all texts.
    ///   - labels: the label of each text.
    ///   - names: the names of the labels.
    ///   - splits: which rows score a model of which others; the counts of all are added up.
    /// - Returns: The scores of each.
    package static func all(
        _ texts: TokenizedTexts,
        labels: [Int],
        names: [String],
        splits: [RowSplit]
    ) -> [BaselineScore] {
        [
            score(MajorityBaseline.self, texts, labels: labels, names: names, splits: splits),
            score(BagOfWordsBaseline.self, texts, labels: labels, names: names, splits: splits),
        ]
    }

    private static func score<Model: Baseline>(
        _ type: Model.Type,
        _ texts: TokenizedTexts,
        labels: [Int],
        names: [String],
        splits: [RowSplit]
    ) -> BaselineScore {
        let start = ContinuousClock.now
        var counts = Evaluation.Counts(labels: names)
        var parameterCount = 0
        for split in splits {
            let model = Model(
                texts,
                labels: labels,
                rows: split.training,
                classCount: names.count
            )
            for row in split.scored {
                counts.add(label: labels[row], model.probabilities(texts[row]))
            }
            parameterCount = model.parameterCount
        }
        return BaselineScore(
            name: Model.name,
            evaluation: Evaluation(counts),
            elapsed: .now - start,
            parameterCount: parameterCount
        )
    }
}
