public import Evaluation
internal import Examples

/// Whether a model becomes live, and why.
public struct Verdict: Sendable, Equatable {
    /// When a model may become live.
    public enum Rule: Sendable, Equatable {
        /// Whenever its golden cases pass.
        case always
        /// When it is better than what is live, beyond doubt.
        case ifBetter
        /// Only by hand, because the job asked for that.
        case never
        /// Only by hand, because whoever asked for the job may not promote.
        case notAllowed
    }

    /// The chance of promoting a model that is no better, at most, if all its differences are luck.
    public static let leastEvidence = 0.05
    /// Golden cases that a reason names.
    private static let namedCases = 3

    /// Whether it becomes live.
    public let isPromoted: Bool
    /// Why, in words and figures.
    public let reason: String
    /// The model against what is live; nil if nothing is.
    public let comparison: IncumbentComparison?
    /// What the model answers to the golden cases.
    public let golden: GoldenCheck

    /// Decides.
    ///
    /// A warm start that was asked for and could not be used is told in the reason.
    init(
        rule: Rule,
        comparison: IncumbentComparison?,
        golden: GoldenCheck,
        warmth: Warmth? = nil
    ) {
        self.comparison = comparison
        self.golden = golden
        let (isPromoted, reason) =
            if !golden.isPassed {
                (false, Verdict.failures(golden))
            } else {
                switch rule {
                case .notAllowed:
                    (false, "whoever asked for the job may not promote")
                case .never: (false, "the job asked for promotion never")
                case .always: (true, "the job asked for promotion always")
                case .ifBetter:
                    if let comparison {
                        Verdict.better(comparison)
                    } else {
                        (true, "no version is live that it could be compared with")
                    }
                }
            }
        self.isPromoted = isPromoted
        self.reason =
            if case .cold(_, let cause) = warmth {
                "\(reason); warm_start was not used: \(cause)"
            } else {
                reason
            }
    }

    private static func better(_ comparison: IncumbentComparison) -> (Bool, String) {
        let (paired, version) = (comparison.paired, comparison.version)
        guard comparison.isReadable else {
            return (false, "not enough evidence: version \(version), which is live, cannot be read")
        }
        guard paired.rows > 0 else {
            return (
                false,
                "not enough evidence: there is no held-out row that version \(version) has not learnt"
            )
        }
        let accuracies =
            "accuracy \(percent(paired.candidateAccuracy)) against "
            + "\(percent(paired.incumbentAccuracy)) of version \(version) on \(paired.rows) held-out "
            + (paired.rows == 1 ? "row" : "rows")
        func counts(_ p: Double) -> String {
            "\(paired.differing) held-out rows differ, \(paired.candidateOnly) for the new version, "
                + "p = \(Verdict.p(p)); \(accuracies)"
        }
        if paired.pBetter <= leastEvidence { return (true, "better: \(counts(paired.pBetter))") }
        if paired.pWorse <= leastEvidence { return (false, "worse: \(counts(paired.pWorse))") }
        return (false, "not enough evidence: \(counts(paired.pBetter))")
    }

    private static func failures(_ golden: GoldenCheck) -> String {
        let failures = golden.failures
        let named = failures.prefix(namedCases).map { failure in
            "\"\(failure.expected.text)\" must be \(failure.expected.label) and is \(failure.label)"
        }
        return "\(failures.count) of \(golden.outcomes.count) golden cases fail: "
            + named.joined(separator: "; ") + (failures.count > namedCases ? "; …" : "")
    }

    private static func percent(_ share: Double) -> String {
        "\(decimal(100 * share, digits: 1)) %"
    }

    /// Two digits where they say something.
    private static func p(_ p: Double) -> String {
        p < 0.0001 ? "less than 0.0001" : decimal(p, digits: p < 0.1 ? 4 : 2)
    }
}
