public import Evaluation
public import JSON

/// Whether a new version becomes live, why, and what that leaves for the next one.
public struct Verdict: Sendable, Equatable {
    /// When a version may become live, if its golden cases pass.
    public enum Rule: Sendable, Equatable {
        /// Always.
        case always
        /// When it is better than what is live, beyond doubt.
        case ifBetter
        /// When it is not worse than what is live, as far as the rows can tell.
        case ifNotWorse
        /// Only by hand, because the job asked for that.
        case never
        /// Only by hand, because whoever asked for the job may not promote.
        case notAllowed
    }

    /// Whether it becomes live.
    public let isPromoted: Bool
    /// Why, in words and figures; ends with the command that does the other thing.
    public let reason: String
    /// The new version against what is live; nil if nothing is.
    public let comparison: VersionComparison?
    /// The new version against the anchor; nil where that is the live version.
    public let anchor: VersionComparison?
    /// How many rows more than it wins the new version might have lost to the live one.
    public let allowance: Allowance?
    /// What earlier decisions had left.
    public let before: Standing
    /// What this one leaves.
    public let standing: Standing
    /// What the new version answers to the golden cases.
    public let golden: GoldenCheck
    /// What became of the corrections; nil without any.
    public let corrections: Corrections?
    /// The labels that the live version does not know.
    public let newLabels: [NewLabel]

    /// Decides by the rules of `docs/promotion.md`.
    ///
    /// - Parameters:
    ///   - rule: when the version may become live.
    ///   - trial: the version, and what it is held against.
    ///   - remark: what else the reason is to tell.
    public init(_ rule: Rule, _ trial: Trial, remark: String? = nil) {
        golden = GoldenCheck(trial.classifier, cases: trial.golden)
        comparison = trial.live.map(trial.comparison)
        anchor = trial.anchor.map(trial.comparison)
        corrections = trial.taught
        newLabels = trial.newLabels
        before = trial.standing
        let taught = trial.taughtRight
        allowance = comparison.map {
            Allowance($0, refusals: trial.standing.refusals, taught: taught)
        }
        let finding = Finding(
            rule: rule,
            golden: golden,
            comparison: comparison,
            anchor: anchor,
            standing: trial.standing,
            taught: taught
        )
        isPromoted = finding.isPromoted
        standing =
            switch finding.kind {
            case .byHand: finding.isPromoted ? Standing(anchor: trial.version) : trial.standing
            case .untested, .evidence:
                finding.isPromoted
                    ? trial.standing.promoted(trial.version, isProven: finding.isProven)
                    : trial.standing.looked(isRefusal: finding.isRefusal)
            }
        reason =
            VerdictReason(
                finding: finding,
                trial: trial,
                comparison: comparison,
                anchor: anchor,
                allowance: allowance,
                corrections: corrections,
                newLabels: newLabels,
                golden: golden,
                remark: remark
            ).text
    }

    /// Writes `comparison`, `anchor`, `golden`, `corrections`, `new_labels` and `decision` into an
    /// object that is open.
    public func encodeMembers(to writer: inout JSONWriter) {
        writer.key("comparison")
        if let comparison { comparison.encode(to: &writer) } else { writer.null() }
        writer.key("anchor")
        if let anchor { anchor.encode(to: &writer) } else { writer.null() }
        writer.key("golden")
        golden.encode(to: &writer)
        writer.key("corrections")
        if let corrections { corrections.encode(to: &writer) } else { writer.null() }
        writer.member("new_labels", array: newLabels) { $0.encode(to: &$1) }
        writer.key("decision")
        writer.beginObject()
        writer.member("promoted", bool: isPromoted)
        writer.member("reason", string: reason)
        writer.key("allowance")
        if let allowance { writer.double(rounded(allowance.rows)) } else { writer.null() }
        if comparison?.sets != nil, let allowance {
            writer.member("allowance_f1", double: rounded(allowance.f1))
        }
        writer.member("refusals", int: before.refusals)
        writer.member("looks", int: before.looks)
        writer.endObject()
    }
}
