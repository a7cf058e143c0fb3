internal import Baselines
internal import Evaluation
internal import Judgement
internal import Model
internal import Optimization

/// Finds rows that a model of other rows would label otherwise, and is sure of it.
///
/// The bag-of-words baseline learns four fifths of the rows and reads the other fifth, five times;
/// like texts stay together.
struct Suspicion {
    /// A row and what the model says of it.
    struct Suspect {
        let row: Int
        let suggestion: Int
        let labelScore: Double
        let suggestionScore: Double
    }

    /// Another label must be so many times as probable as the row's own.
    private static let odds: Float = 20

    /// The rows, the worst first.
    let suspects: [Suspect]

    init(texts: TokenizedTexts, labels: [Int], classCount: Int, threads: Int) {
        guard classCount > 1, labels.count >= EvidencePlan.folds else {
            suspects = []
            return
        }
        let splits = Partition(texts: texts, labels: labels, rows: Array(labels.indices))
            .folds(EvidencePlan.folds)
        func contradicted(inSplit index: Int) -> [Suspect] {
            let split = splits[index]
            let model = BagOfWordsBaseline(
                texts,
                labels: labels,
                rows: split.training,
                classCount: classCount
            )
            return split.heldOut.compactMap { row in
                Suspicion.suspect(row, label: labels[row], model.probabilities(texts[row]))
            }
        }
        let team = WorkerTeam(threads: min(threads, splits.count))
        suspects = team.map(count: splits.count, contradicted).joined().sorted {
            ($0.labelScore * $1.suggestionScore, $0.row)
                < ($1.labelScore * $0.suggestionScore, $1.row)
        }
    }

    private static func suspect(_ row: Int, label: Int, _ probabilities: [Float]) -> Suspect? {
        let best = Head.softmax.decision(probabilities[...])
        guard probabilities[best] >= odds * probabilities[label] else { return nil }
        return Suspect(
            row: row,
            suggestion: best,
            labelScore: rounded(Double(probabilities[label])),
            suggestionScore: rounded(Double(probabilities[best]))
        )
    }
}
