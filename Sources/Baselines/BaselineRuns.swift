internal import Judgement
internal import Model

/// Baselines fitted on what networks have learnt, and asked what these were asked.
struct BaselineRuns {
    let texts: TokenizedTexts
    let labels: [Int]
    let rows: EvidenceRows

    /// The share of the rows to learn from that tunes where the rows to score choose nothing.
    private static let tuningShare = 0.2

    /// What a baseline without settings says of the rows.
    func answers<Model: Baseline>(
        _ type: Model.Type
    ) -> (evidence: Evidence, parameterCount: Int) {
        var parameterCount = 0
        let probabilities = rows.splits.flatMap { split in
            let model = Model(
                texts,
                labels: labels,
                rows: split.training,
                classCount: rows.classCount
            )
            parameterCount = model.parameterCount
            return split.heldOut.flatMap { model.probabilities(texts[$0]) }
        }
        return (Evidence(rows, probabilities: probabilities), parameterCount)
    }

    /// What the bag of words says of the rows, its penalty tuned.
    func tunedAnswers() -> (evidence: Evidence, parameterCount: Int) {
        let parts = rows.crossFitting
        if parts.count < 2 {
            let penalty = tuned(on: rows.splits.first?.training ?? [])
            let (probabilities, count) = answers(rows.splits, penalty: penalty)
            return (Evidence(rows, probabilities: probabilities), count)
        }
        let runs = BagOfWordsBaseline.penalties.map { answers(rows.splits, penalty: $0) }
        let all = runs.map { Evidence(rows, probabilities: $0.probabilities) }
        let probabilities = parts.answers(classCount: rows.classCount) { _, voters, members in
            let losses = all.map { $0.loss(of: voters) }
            let chosen = losses.indices.min { losses[$0] < losses[$1] } ?? 0
            return all[chosen].probabilities(of: members)
        }
        return (Evidence(rows, probabilities: probabilities), runs[0].parameterCount)
    }

    /// The penalty with the least loss on a part of `training`.
    private func tuned(on training: [Int]) -> Float {
        let split = Partition(texts: texts, labels: labels, rows: training)
            .heldOut(BaselineRuns.tuningShare)
        let usual = BagOfWordsBaseline.usualPenalty
        guard !split.heldOut.isEmpty else { return usual }
        let rows = EvidenceRows(
            kind: .heldOut,
            splits: [split],
            labels: labels,
            classCount: rows.classCount
        )
        let all = Array(split.heldOut.indices)
        let losses = BagOfWordsBaseline.penalties.map { penalty in
            let (probabilities, _) = answers([split], penalty: penalty)
            return (penalty, Evidence(rows, probabilities: probabilities).loss(of: all))
        }
        return losses.min { $0.1 < $1.1 }?.0 ?? usual
    }

    private func answers(
        _ splits: [RowSplit],
        penalty: Float
    ) -> (probabilities: [Float], parameterCount: Int) {
        var parameterCount = 0
        let probabilities = splits.flatMap { split in
            let model = BagOfWordsBaseline(
                texts,
                labels: labels,
                rows: split.training,
                classCount: rows.classCount,
                penalty: penalty
            )
            parameterCount = model.parameterCount
            return split.heldOut.flatMap { model.probabilities(texts[$0]) }
        }
        return (probabilities, parameterCount)
    }
}
