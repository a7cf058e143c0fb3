internal import Evaluation
internal import Judgement
internal import Model

/// The article's network and a mixed one, both trained on the same rows.
struct NetworkChoice {
    let article: TrainedNetwork
    let mixed: TrainedNetwork

    /// With fewer rows a standard error is itself a guess.
    private static let leastRows = 20

    /// The article's network, unless the evidence of both says that the mixed one has the lower
    /// loss by more than two standard errors of the difference: a few rows say too little.
    ///
    /// The article's network is calibrated first, as the mixed one is. The evidence of the chosen
    /// one is cross-fitted: the answers to each part are those of the network that the other parts
    /// choose.
    ///
    /// - Parameter words: the number of different words, for the sentence that says why.
    /// - Returns: The network, with the evidence of the choice.
    func chosen(words: Int) -> TrainedNetwork {
        guard let evidence = article.evidence, let other = mixed.evidence else { return article }
        let calibrated = NetworkChoice.calibrated(evidence)
        let own = calibrated.evidence
        let parts = own.source.crossFitting
        let all = Array(parts.parts.indices)
        let isMixed = NetworkChoice.isBetter(other, than: own, places: all)
        let sentence =
            "loss \(decimal(own.loss(of: all), digits: 3)) against "
            + "\(decimal(other.loss(of: all), digits: 3)) of a mixed network on \(all.count) rows "
            + "in cross-validation"
        var network = isMixed ? mixed : article
        if isMixed {
            network.choice? += "; not the article's network: its \(sentence)"
        } else {
            network.calibration = Calibration(recurrent: Double(calibrated.scale), linear: 0)
            network.choice = "the article's network, for \(words) different words: \(sentence)"
        }
        let probabilities = parts.answers(classCount: own.classCount) { _, voters, members in
            let isOther = NetworkChoice.isBetter(other, than: own, places: voters)
            return (isOther ? other : own).probabilities(of: members)
        }
        var chosen = Evidence(own.source, probabilities: probabilities)
        chosen.repeatedAccuracies = network.evidence?.repeatedAccuracies ?? []
        network.evidence = chosen
        return network
    }

    /// Whether the losses of `one` on some rows are lower than those of `other` by more than two
    /// standard errors of their mean difference.
    private static func isBetter(_ one: Evidence, than other: Evidence, places: [Int]) -> Bool {
        let gains = places.map { other.loss(of: [$0]) - one.loss(of: [$0]) }
        let count = Double(gains.count)
        guard gains.count >= leastRows else { return false }
        let mean = gains.reduce(0, +) / count
        let variance = gains.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
        return mean > 2 * (variance / count).squareRoot()
    }

    /// Answers with the scale of the logits that the other parts choose, and the scale that all do.
    private static func calibrated(_ evidence: Evidence) -> (evidence: Evidence, scale: Float) {
        let fit = MixFit(
            recurrent: evidence.probabilities.map { max($0, .leastNormalMagnitude).logarithm },
            linear: nil,
            labels: evidence.labels,
            classCount: evidence.classCount
        )
        let parts = evidence.source.crossFitting
        let probabilities = parts.answers(classCount: evidence.classCount) { _, voters, members in
            // Probabilities are numbers, so there is a best scale.
            let mix = fit.best(rows: voters) ?? Mix(recurrent: 1, linear: 0)
            return fit.probabilities(mix, rows: members)
        }
        let scale = fit.best(rows: Array(evidence.labels.indices))?.recurrent ?? 1
        return (Evidence(evidence.source, probabilities: probabilities), scale)
    }
}

extension Float {
    fileprivate var logarithm: Float { Float(Double(self).naturalLogarithm) }
}
