internal import Evaluation
internal import Examples
internal import Model

/// A verdict in words: what was decided, by which rows, and the command that does the other thing.
struct VerdictReason {
    let finding: Finding
    let trial: Trial
    let comparison: VersionComparison?
    let anchor: VersionComparison?
    let allowance: Allowance?
    let corrections: Corrections?
    let newLabels: [NewLabel]
    let golden: GoldenCheck
    let remark: String?

    /// Golden cases, labels and new labels that a reason names.
    private static let named = 3
    /// With fewer rows than this, a bad version often goes live: the reason says how often.
    private static let fewRows = 200

    var text: String {
        ([head] + evidence + [remark, command].compactMap(\.self)).joined(separator: "; ")
    }

    private var head: String {
        if !golden.isPassed { return failures }
        switch (finding.rule, comparison) {
        case (.notAllowed, _): return "whoever asked for the job may not promote"
        case (.never, _): return "the job asked for promotion never"
        case (.always, _): return "the job asked for promotion always"
        case (_, nil): return "no version is live that it could be compared with"
        case (let rule, let comparison?):
            let live = "version \(comparison.version)"
            if finding.objections.isEmpty {
                return finding.kind == .untested
                    ? "untested: no held-out row is known to both this version and \(live)"
                    : rule == .ifBetter ? "better than \(live)" : "not worse than \(live)"
            }
            return finding.objections.map { objection in
                switch objection {
                case .worse: "worse than \(live)"
                case .worseThanAnchor: "worse than version \(anchor?.version ?? 0), the anchor"
                case .collapses(let labels): "collapses for \(quoted(labels))"
                case .notProven: "not proven better than \(live)"
                case .unreadable: "\(live), which is live, cannot be read"
                }
            }.joined(separator: ", ")
        }
    }

    /// The rows, and what speaks for the new version beside them.
    private var evidence: [String] {
        guard let comparison else { return [] }
        var parts: [String] = []
        if comparison.paired.rows > 0 {
            parts.append(counts(comparison))
            if finding.objections.contains(.worseThanAnchor), let anchor {
                parts.append("against the anchor: \(counts(anchor))")
            }
            if finding.rule == .ifNotWorse && comparison.sets == nil
                && comparison.paired.rows < VerdictReason.fewRows
            {
                parts.append(risk(rows: comparison.paired.rows))
            }
        }
        let losers = comparison.losers
        if !losers.isEmpty {
            let named = losers.prefix(VerdictReason.named).map { change in
                "\"\(change.label)\" \(change.paired.incumbentOnly - change.paired.candidateOnly) "
                    + "of \(change.paired.rows)"
            }
            parts.append(
                "labels that lose: \(named.joined(separator: ", "))"
                    + (losers.count > named.count ? " and \(losers.count - named.count) more" : "")
            )
        }
        parts += newLabels.prefix(VerdictReason.named).map(\.sentence)
        if newLabels.count > VerdictReason.named {
            parts.append("\(newLabels.count - VerdictReason.named) more new labels")
        }
        if let corrections { parts.append(corrections.sentence) }
        if let rescued { parts.append(rescued) }
        return parts
    }

    /// The figures of texts that may have several labels.
    private func counts(_ sets: PairedSets.Figures, _ comparison: VersionComparison) -> String {
        func pair(_ figures: (candidate: Double, incumbent: Double), _ digits: Int) -> String {
            "\(decimal(figures.candidate, digits: digits)) against "
                + decimal(figures.incumbent, digits: digits)
        }
        let shared = 2 * comparison.sharedRows >= sets.rows ? "" : ", most of them new to it"
        return "\(sets.objective.rawValue)-F1 \(pair(sets.f1, 3)) on \(sets.rows) held-out "
            + "\(sets.rows == 1 ? "row" : "rows")\(shared), Hamming loss "
            + "\(pair(sets.hammingLoss, 4)), \(sets.differing) differ" + measure(comparison)
    }

    private func counts(_ comparison: VersionComparison) -> String {
        if let sets = comparison.sets { return counts(sets, comparison) }
        let paired = comparison.paired
        let right = paired.bothRight + paired.candidateOnly
        let before = paired.bothRight + paired.incumbentOnly
        let shared =
            2 * comparison.sharedRows >= paired.rows ? "" : ", most of them new to it"
        return "\(right) against \(before) of \(paired.rows) held-out "
            + "\(paired.rows == 1 ? "row" : "rows") right\(shared), "
            + "\(paired.differing) differ, \(paired.candidateOnly) for the new version"
            + measure(comparison)
    }

    private func measure(_ comparison: VersionComparison) -> String {
        if finding.rule == .ifBetter {
            let looks = trial.standing.looks + 1
            return
                ", p = \(p(comparison.sets?.pBetter ?? comparison.paired.pBetter)), and "
                + "\(p(0.05 / Double(looks * (looks + 1)))) "
                + "is asked at look \(looks)"
        }
        guard let allowance, comparison.version == self.comparison?.version else { return "" }
        let refusals = trial.standing.refusals
        if comparison.sets != nil {
            return
                ", a loss of \(decimal(allowance.f1, digits: 3)) is allowed"
                + (refusals == 0
                    ? "" : " after \(refusals) \(refusals == 1 ? "refusal" : "refusals")")
        }
        return ", \(Int(allowance.rows)) more lost than won "
            + "\(Int(allowance.rows) == 1 ? "is" : "are") allowed"
            + (refusals == 0 ? "" : " after \(refusals) \(refusals == 1 ? "refusal" : "refusals")")
            + (allowance.earned < 1 ? "" : ", \(Int(allowance.earned)) of them for what was taught")
    }

    /// What so few rows cannot tell.
    private func risk(rows: Int) -> String {
        let chance = Allowance.chance(ofLosing: 0.03, rows: rows)
        return
            "with \(rows) \(rows == 1 ? "row" : "rows") a version that is 3 points worse goes live "
            + "in \(Int((100 * chance).rounded())) of 100 cases"
    }

    /// Golden cases that the live version fails.
    private var rescued: String? {
        guard golden.isPassed, let live = trial.live?.classifier else { return nil }
        let failed = GoldenCheck(live, cases: trial.golden).failures.count
        guard failed > 0, let version = trial.live?.version else { return nil }
        return
            "passes \(failed) golden \(failed == 1 ? "case" : "cases") that version \(version) "
            + "fails"
    }

    private var failures: String {
        let failures = golden.failures
        let named = failures.prefix(VerdictReason.named).map { failure in
            "\"\(failure.expected.text)\" must be \(LabelSet.shown(failure.expected.label)) and is "
                + LabelSet.shown(failure.label)
        }
        return "\(failures.count) of \(golden.outcomes.count) golden cases fail: "
            + named.joined(separator: ", ") + (failures.count > named.count ? ", …" : "")
    }

    /// The request that does the other thing; nil where there is none.
    private var command: String? {
        let path = "PUT /models/\(trial.model)/live"
        if finding.isPromoted {
            guard let live = trial.live?.version else { return nil }
            return "to go back: \(path) {\"version\": \(live)}"
        }
        let force = golden.isPassed ? "" : ", \"force\": true"
        let who = finding.rule == .notAllowed ? "a token with the scope promote makes" : "to make"
        return "\(who) it live\(finding.rule == .notAllowed ? "" : " all the same"): "
            + "\(path) {\"version\": \(trial.version)\(force)}"
    }

    private func quoted(_ labels: [String]) -> String {
        let named = labels.prefix(VerdictReason.named).map { "\"\($0)\"" }.joined(separator: ", ")
        return labels.count > VerdictReason.named
            ? "\(named) and \(labels.count - VerdictReason.named) more" : named
    }

    /// Two digits where they say something.
    private func p(_ p: Double) -> String {
        p < 0.0001 ? "less than 0.0001" : decimal(p, digits: p < 0.1 ? 4 : 2)
    }
}
