package import Evaluation
package import Judgement
package import Model
internal import Optimization

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
    package var record: TrainingRecord.Baseline {
        .init(name: name, accuracy: evaluation.accuracy, macroF1: evaluation.macroF1)
    }

    /// Fits and scores both baselines, the most frequent label and a bag of words, on the rows that
    /// score the network.
    ///
    /// The strength of the bag's penalty is tuned as the network's mix is: what a row is answered
    /// with was chosen by the other parts. Rows that were given choose nothing; there a fifth of
    /// the rows to learn from does.
    ///
    /// - Parameters:
    ///   - texts: all texts.
    ///   - labels: the label of each text.
    ///   - names: the names of the labels.
    ///   - rows: which rows are answered after learning which others.
    ///   - threads: how many threads fit; the scores are the same.
    /// - Returns: The scores of each; none where texts may have several labels.
    package static func all(
        _ texts: TokenizedTexts,
        labels: [Int],
        names: [String],
        rows: EvidenceRows,
        threads: Int
    ) -> [BaselineScore] {
        // Both give one label.
        guard case .softmax = rows.head else { return [] }
        let runs = BaselineRuns(
            texts: texts,
            labels: labels,
            rows: rows,
            team: WorkerTeam(threads: threads)
        )
        return [
            score(MajorityBaseline.name, names) { runs.answers(MajorityBaseline.self) },
            score(BagOfWordsBaseline.name, names) { runs.tunedAnswers() },
        ]
    }

    private static func score(
        _ name: String,
        _ names: [String],
        _ answers: () -> (evidence: Evidence, parameterCount: Int)
    ) -> BaselineScore {
        let start = ContinuousClock.now
        let (evidence, parameterCount) = answers()
        return BaselineScore(
            name: name,
            evaluation: evidence.evaluation(labels: names),
            elapsed: .now - start,
            parameterCount: parameterCount
        )
    }
}
