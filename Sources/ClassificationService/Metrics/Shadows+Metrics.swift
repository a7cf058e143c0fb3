internal import Examples
internal import Store

extension Shadows {
    /// The most different pairs of a shadow that metrics tell by themselves.
    private static let metricPairs = 100

    /// Appends what this server has counted of the shadows that run.
    func write(to text: inout String) {
        let all = running.map { ($0, $0.counts) }
        let (texts, differences) = (
            "elman_shadow_texts_total", "elman_shadow_disagreements_total"
        )
        text += "# HELP \(texts) Texts for versions in shadow, by what became of them.\n"
        text += "# TYPE \(texts) counter\n"
        for (run, counts) in all {
            let outcomes = [
                ("agreed", counts.agreed), ("disagreed", counts.texts - counts.agreed),
                ("dropped", counts.dropped),
            ]
            for (outcome, count) in outcomes {
                text += "\(texts){\(run.metricLabels),outcome=\"\(outcome)\"} \(count)\n"
            }
        }
        text += "# HELP \(differences) Texts that a version in shadow answered differently.\n"
        text += "# TYPE \(differences) counter\n"
        for (run, counts) in all {
            var rest = counts.texts - counts.agreed
            for pair in counts.pairs.prefix(Self.metricPairs) {
                rest -= pair.texts
                text += "\(differences){\(run.metricLabels),live=\"\(Self.name(pair.live))\","
                text += "shadow=\"\(Self.name(pair.shadow))\"} \(pair.texts)\n"
            }
            guard rest > 0 else { continue }
            text += "\(differences){\(run.metricLabels),live=\"_other\",shadow=\"_other\"} "
            text += "\(rest)\n"
        }
    }

    private static func name(_ stated: String?) -> String {
        stated.map { escapedForMetrics(LabelSet.shown($0)) } ?? "_abstained"
    }
}

extension ShadowRun {
    fileprivate var metricLabels: String {
        "model=\"\(candidate.name)\",version=\"\(candidate.version)\""
    }
}
