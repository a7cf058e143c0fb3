internal import Judgement
internal import Model
internal import Optimization

/// Baselines fitted on what networks have learnt, and asked what these were asked.
struct BaselineRuns {
    let texts: TokenizedTexts
    let labels: [Int]
    let rows: EvidenceRows
    let team: WorkerTeam

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
        let penalties = BagOfWordsBaseline.penalties
        if parts.count < 2 {
            let penalty = tuned(on: rows.splits.first?.training ?? [])
            let run = answers(rows, penalties: [penalty])
            return (run.evidence[0], run.parameterCount)
        }
        let run = answers(rows, penalties: penalties)
        let probabilities = parts.answers(classCount: rows.classCount) { _, voters, members in
            let losses = run.evidence.map { $0.loss(of: voters) }
            let chosen = losses.indices.min { losses[$0] < losses[$1] } ?? 0
            return run.evidence[chosen].probabilities(of: members)
        }
        return (Evidence(rows, probabilities: probabilities), run.parameterCount)
    }

    /// The penalty with the least loss on a part of `training`.
    private func tuned(on training: [Int]) -> Float {
        let split = Partition(texts: texts, labels: labels, rows: training)
            .heldOut(BaselineRuns.tuningShare)
        guard !split.heldOut.isEmpty else { return BagOfWordsBaseline.usualPenalty }
        let rows = EvidenceRows(
            kind: .heldOut,
            splits: [split],
            labels: labels,
            classCount: rows.classCount
        )
        let all = Array(split.heldOut.indices)
        let penalties = BagOfWordsBaseline.penalties
        let losses = answers(rows, penalties: penalties).evidence.map { $0.loss(of: all) }
        let best = losses.indices.min { losses[$0] < losses[$1] } ?? 0
        return penalties[best]
    }

    /// What bags of words with these penalties say of some rows, fitted side by side.
    private func answers(
        _ rows: EvidenceRows,
        penalties: [Float]
    ) -> (evidence: [Evidence], parameterCount: Int) {
        let splits = rows.splits
        let runs = team.map(count: penalties.count * splits.count) { run in
            let (penalty, split) = run.quotientAndRemainder(dividingBy: splits.count)
            let model = BagOfWordsBaseline(
                texts,
                labels: labels,
                rows: splits[split].training,
                classCount: rows.classCount,
                penalty: penalties[penalty]
            )
            return (
                model.parameterCount,
                splits[split].heldOut.flatMap { model.probabilities(texts[$0]) }
            )
        }
        let evidence = penalties.indices.map { penalty in
            let own = runs[(penalty * splits.count)..<((penalty + 1) * splits.count)]
            return Evidence(rows, probabilities: own.flatMap(\.1))
        }
        return (evidence, runs.last?.0 ?? 0)
    }
}
