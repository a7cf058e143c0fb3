internal import Model

/// Which texts a language model reads, how often, and how fast it learns (measured; RECIPE has the
/// first values).
struct LanguageModelPlan {
    /// The numbers of the texts.
    let rows: [Int]
    let epochs: Int
    /// Texts of an epoch: all, or as many as there is time for, others in each epoch.
    let textsPerEpoch: Int
    /// Words that a batch tells apart at least.
    let candidates: Int

    /// From so many texts without labels on they are enough.
    static let leastUnlabelled = 1000
    /// How often texts are read.
    static let epochs = 7
    /// Texts of a step.
    static let batchSize = 16
    /// Texts of a batch that walk through the network together.
    static let shardSize = 4
    /// Rarer words count as unknown where one is predicted.
    static let mostClasses = 5000
    /// Words that every batch tells apart, and words in all.
    static let frequentClasses = 256
    static let leastCandidates = 1024
    static let dropout = RecurrentNetwork<Float>.Dropout(words: 0.1, inputs: 0.3, pooled: 0)
    private static let learningRate = 0.003
    /// Words of an epoch at most.
    static let mostWords = 150_000

    /// - Parameters:
    ///   - rows: the numbers of the texts.
    ///   - texts: all texts.
    ///   - epochs: how often they are read.
    ///   - mostWords: words of an epoch at most.
    ///   - candidates: words that a batch tells apart at least.
    init(
        _ rows: [Int],
        of texts: TokenizedTexts,
        epochs: Int = LanguageModelPlan.epochs,
        mostWords: Int = LanguageModelPlan.mostWords,
        candidates: Int = LanguageModelPlan.leastCandidates
    ) {
        self.rows = rows
        self.candidates = candidates
        self.epochs = epochs
        let words = rows.reduce(0) { $0 + texts.sequence(of: $1).underestimatedCount }
        textsPerEpoch = min(
            rows.count,
            max(rows.count * mostWords / max(words, 1), 1)
        )
    }

    /// The rate of a step, counted from 1: it falls on a line to a tenth.
    func rate(step: Int) -> Double {
        let size = LanguageModelPlan.batchSize
        let steps = (textsPerEpoch + size - 1) / size * epochs
        return LanguageModelPlan.learningRate * (1 - 0.9 * min(1, Double(step) / Double(steps)))
    }
}
