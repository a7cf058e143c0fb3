package import Model
internal import Optimization

/// Logistic regression on how often each word stands in a text: what a tutorial would try first.
///
/// `p = softmax(Σ_w count(w)·W[w] + b)`. It minimises the sum of the cross-entropies of all rows
/// plus `½·λ·|W|²`, the objective of scikit-learn's `LogisticRegression` at a C of 1/λ: a row
/// adds its own gradient, and to each of its words the share `λ·W[w] / df(w)` of the penalty,
/// df(w) being the number of rows that have the word.
package struct BagOfWordsBaseline {
    static let name = "bag-of-words"

    /// By token number: its row of weights, or -1 for a word that is left out.
    private let wordRows: [Int32]
    private let classCount: Int
    /// (words + 1) × classes; the last row is the bias.
    private let weights: [Float]

    /// Weights of words at most; the most frequent ones are kept.
    private static let maximumWeights = 2_000_000
    /// Rows seen in all, about: it is done in a second or two, however many rows there are.
    package static let visits = 100_000
    /// The penalties λ that are tried; 1 is scikit-learn's default.
    static let penalties: [Float] = [0.1, 1, 10]
    package static let usualPenalty: Float = 1
    private static let allowedEpochs = 3...100
    private static let batchSize = 16
    private static let learningRate = 0.02

    /// Learns from some rows.
    ///
    /// - Parameters:
    ///   - texts: all texts.
    ///   - labels: the label of each text.
    ///   - rows: the numbers of the texts to learn from, at least one.
    ///   - classCount: the number of labels.
    ///   - penalty: λ.
    ///   - visits: rows seen in all, about.
    package init(
        _ texts: TokenizedTexts,
        labels: [Int],
        rows: [Int],
        classCount: Int,
        penalty: Float = usualPenalty,
        visits: Int = visits
    ) {
        let words = BagOfWordsBaseline.words(texts, rows: rows, classCount: classCount)
        wordRows = words.rows
        self.classCount = classCount
        let fit = Fit(
            words.rows,
            frequencies: words.frequencies,
            classCount: classCount,
            penalty: penalty
        )
        let allowed = BagOfWordsBaseline.allowedEpochs
        let epochs = min(
            max(visits / rows.count, allowed.lowerBound),
            allowed.upperBound
        )
        let batches = (rows.count + BagOfWordsBaseline.batchSize - 1) / BagOfWordsBaseline.batchSize
        for epoch in 0..<epochs {
            let order = shuffledOrder(count: rows.count, seed: 1, epoch: epoch).map { rows[$0] }
            for batch in 0..<batches {
                let start = batch * BagOfWordsBaseline.batchSize
                let end = min(start + BagOfWordsBaseline.batchSize, order.count)
                let done = Double(epoch * batches + batch) / Double(epochs * batches)
                fit.step(
                    order[start..<end].map { (texts[$0], labels[$0]) },
                    learningRate: BagOfWordsBaseline.learningRate * (1 - 0.95 * done)
                )
            }
        }
        weights = fit.averagedWeights
    }

    var parameterCount: Int { weights.count }

    /// The probability of each label, given the tokens of a text of the same `texts`.
    package func probabilities(_ tokens: ArraySlice<Int32>) -> [Float] {
        var logits = [Float](repeating: 0, count: classCount)
        weights.withUnsafeBufferPointer { weights in
            guard let weights = weights.baseAddress else { return }
            BagOfWordsBaseline.addLogits(
                tokens,
                wordRows,
                weights,
                bias: self.weights.count / classCount - 1,
                to: &logits
            )
        }
        return Head.softmax.probabilities(of: logits)
    }

    /// The row of each word, and in how many rows of text each stands.
    private static func words(
        _ texts: TokenizedTexts,
        rows: [Int],
        classCount: Int
    ) -> (rows: [Int32], frequencies: [Float]) {
        var frequencies = [Int](repeating: 0, count: texts.words.count)
        for row in rows {
            for token in Set(texts[row]) { frequencies[Int(token)] += 1 }
        }
        let kept = frequencies.indices.filter { frequencies[$0] > 0 }
            .sorted { (frequencies[$0], $1) > (frequencies[$1], $0) }
            .prefix(max(maximumWeights / classCount, 1))
        var wordRows = [Int32](repeating: -1, count: frequencies.count)
        for (row, token) in kept.enumerated() { wordRows[token] = Int32(row) }
        return (wordRows, kept.map { Float(frequencies[$0]) })
    }

    /// `logits += Σ_w count(w)·W[w] + b`.
    fileprivate static func addLogits(
        _ tokens: ArraySlice<Int32>,
        _ wordRows: [Int32],
        _ weights: UnsafePointer<Float>,
        bias: Int,
        to logits: inout [Float]
    ) {
        let count = logits.count
        Float.addScaled(count: count, &logits, weights + bias * count, scale: 1)
        for token in tokens where wordRows[Int(token)] >= 0 {
            let row = Int(wordRows[Int(token)])
            Float.addScaled(count: count, &logits, weights + row * count, scale: 1)
        }
    }
}

/// The weights while they are fitted: Adam, whose average over the last steps is what counts.
private final class Fit {
    private let wordRows: [Int32]
    /// By row of weights: in how many texts the word stands.
    private let frequencies: [Float]
    private let classCount: Int
    private let penalty: Float
    private let state: AdamState
    private var rows: SparseRows
    private var logits: [Float]

    init(_ wordRows: [Int32], frequencies: [Float], classCount: Int, penalty: Float) {
        self.penalty = penalty
        self.wordRows = wordRows
        self.frequencies = frequencies
        self.classCount = classCount
        state = AdamState(count: (frequencies.count + 1) * classCount)
        rows = SparseRows(rows: frequencies.count + 1, width: classCount, offset: 0)
        logits = Array(repeating: 0, count: classCount)
    }

    var averagedWeights: [Float] {
        rows.catchUpAverages(state)
        return Array(UnsafeBufferPointer(start: state.average.pointer, count: state.count))
    }

    /// Takes one step on a batch of texts.
    func step(_ batch: [(tokens: ArraySlice<Int32>, label: Int)], learningRate: Double) {
        let bias = frequencies.count
        let share = 1 / Float(batch.count)
        state.beginStep()
        for (tokens, label) in batch {
            for index in logits.indices { logits[index] = 0 }
            BagOfWordsBaseline.addLogits(
                tokens,
                wordRows,
                state.parameters.pointer,
                bias: bias,
                to: &logits
            )
            _ = Head.softmax.loss(&logits, classes: classCount, label: label)
            Head.softmax.differentiate(&logits, label: label)
            add(logits, scale: share, toRow: bias)
            for token in tokens where wordRows[Int(token)] >= 0 {
                add(logits, scale: share, toRow: Int(wordRows[Int(token)]))
            }
            for token in Set(tokens) where wordRows[Int(token)] >= 0 {
                let row = Int(wordRows[Int(token)])
                Float.addScaled(
                    count: classCount,
                    state.gradient.pointer + row * classCount,
                    state.parameters.pointer + row * classCount,
                    scale: penalty * share / frequencies[row]
                )
            }
        }
        rows.update(state, learningRate: learningRate)
        state.endStep()
    }

    private func add(_ delta: [Float], scale: Float, toRow row: Int) {
        rows.touch(row)
        Float.addScaled(
            count: classCount,
            state.gradient.pointer + row * classCount,
            delta,
            scale: scale
        )
    }
}
