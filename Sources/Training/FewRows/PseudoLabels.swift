internal import Model

/// Texts without labels, with the labels that a network of the labelled rows is surest of.
struct PseudoLabels {
    /// The numbers of the texts.
    private(set) var rows: [Int] = []
    /// The label of each.
    private(set) var labels: [Int] = []

    /// What such a text counts against a row.
    static let weight: Float = 0.3
    /// The share of each predicted label that is kept.
    private static let keptShare = 0.5

    /// None.
    init() {}

    /// Of each label that is predicted the half whose two best labels are furthest apart.
    ///
    /// - Parameters:
    ///   - logits: what the network says of them, (texts × classes).
    ///   - rows: the numbers of the texts.
    ///   - classCount: the number of labels.
    init(_ logits: [Float], rows: [Int], classCount: Int) {
        var byLabel = [[(gap: Float, place: Int)]](repeating: [], count: classCount)
        for place in rows.indices {
            let own = Array(logits[(place * classCount)..<((place + 1) * classCount)])
            let probabilities = Head.softmax.probabilities(of: own)
            let best = Head.softmax.decision(probabilities[...])
            var second: Float = 0
            for label in probabilities.indices where label != best {
                second = max(second, probabilities[label])
            }
            byLabel[best].append((probabilities[best] - second, place))
        }
        var chosen: [(place: Int, label: Int)] = []
        for (label, candidates) in byLabel.enumerated() {
            let count = Int((Double(candidates.count) * PseudoLabels.keptShare).rounded(.up))
            let surest = candidates.sorted { ($0.gap, $1.place) > ($1.gap, $0.place) }
            chosen += surest.prefix(count).map { ($0.place, label) }
        }
        chosen.sort { $0.place < $1.place }
        self.rows = chosen.map { rows[$0.place] }
        labels = chosen.map(\.label)
    }
}
