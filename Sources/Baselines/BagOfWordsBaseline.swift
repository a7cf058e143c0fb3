package import Model

/// Logistic regression on how often each word stands in a text: what a tutorial would try first.
///
/// `p = softmax(Σ_w count(w)·W[w] + b)`. It minimises the sum of the cross-entropies of all
/// rows plus `½·λ·|W|²`, the objective of scikit-learn's `LogisticRegression` at a C of 1/λ,
/// and by the same method.
package struct BagOfWordsBaseline {
    static let name = "bag-of-words"

    /// By token number: its row of weights, or -1 for a word that is left out.
    private let wordRows: [Int32]
    private let classCount: Int
    /// (words + 1) × classes; the last row is the bias.
    private let weights: [Float]

    /// Weights of words at most; the most frequent ones are kept.
    private static let maximumWeights = 1_000_000
    /// The penalties λ that are tried; 1 is scikit-learn's default.
    static let penalties: [Float] = [0.1, 1, 10]
    package static let usualPenalty: Float = 1

    /// Learns from some rows.
    ///
    /// - Parameters:
    ///   - texts: all texts.
    ///   - labels: the label of each text.
    ///   - rows: the numbers of the texts to learn from, at least one.
    ///   - classCount: the number of labels.
    ///   - penalty: λ.
    package init(
        _ texts: TokenizedTexts,
        labels: [Int],
        rows: [Int],
        classCount: Int,
        penalty: Float = usualPenalty
    ) {
        let most = max(BagOfWordsBaseline.maximumWeights / classCount, 1)
        let words = WordCounts.frequent(texts, rows: rows, most: most)
        wordRows = words.rows
        self.classCount = classCount
        weights = LogisticRegression(
            counts: WordCounts(texts, rows: rows, wordRows: words.rows, wordCount: words.count),
            labels: rows.map { labels[$0] },
            classCount: classCount,
            penalty: penalty
        ).weights()
    }

    var parameterCount: Int { weights.count }

    /// The probability of each label, given the tokens of a text of the same `texts`.
    package func probabilities(_ tokens: ArraySlice<Int32>) -> [Float] {
        var logits = [Float](weights.suffix(classCount))
        weights.withUnsafeBufferPointer { weights in
            guard let weights = weights.baseAddress else { return }
            for token in tokens where wordRows[Int(token)] >= 0 {
                let row = Int(wordRows[Int(token)])
                Float.addScaled(
                    count: classCount,
                    &logits,
                    weights + row * classCount,
                    scale: 1
                )
            }
        }
        return Head.softmax.probabilities(of: logits)
    }
}
