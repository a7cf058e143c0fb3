internal import Judgement

/// What rows that a network has not learnt say of it.
public struct HeldOutFigures: Sendable, Equatable {
    /// The share of rows whose label was found.
    public var accuracy: Double
    /// The mean cross-entropy in nats.
    public var loss: Double
}

/// Which of two trained networks answers better what it has not learnt.
struct Preference {
    /// What is said of the first.
    let first: HeldOutFigures
    /// What is said of the second.
    let second: HeldOutFigures
    /// The one with the lower loss.
    ///
    /// Each part of its evidence is answered by what the other parts prefer, so that no figure is
    /// flattered by the choice.
    let chosen: MixedWeights
    /// Whether it is the second; of equals it is the first.
    let isSecond: Bool

    /// - Returns: nil if one of them has no evidence.
    init?(_ first: MixedWeights, _ second: MixedWeights) {
        guard let old = first.evidence, let new = second.evidence else { return nil }
        (self.first, self.second) = (HeldOutFigures(old), HeldOutFigures(new))
        isSecond = self.second.loss < self.first.loss
        var chosen = isSecond ? second : first
        let classCount = old.classCount
        var answers = old.answers
        let probabilities = old.source.crossFitting.answers(classCount: classCount) {
            _,
            voters,
            members in
            let preferred = new.loss(of: voters) < old.loss(of: voters) ? new : old
            if let own = preferred.answers {
                for member in members { answers?[member] = own[member] }
            }
            return preferred.probabilities(of: members)
        }
        var evidence = Evidence(old.source, probabilities: probabilities, answers: answers)
        evidence.repeatedAccuracies = chosen.evidence?.repeatedAccuracies ?? []
        if !evidence.repeatedAccuracies.isEmpty {
            evidence.repeatedAccuracies[0] = evidence.accuracy
        }
        chosen.evidence = evidence
        self.chosen = chosen
    }
}

extension HeldOutFigures {
    fileprivate init(_ evidence: Evidence) {
        accuracy = evidence.accuracy
        loss = evidence.loss(of: Array(evidence.rows.indices))
    }
}
