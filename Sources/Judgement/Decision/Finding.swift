internal import Evaluation

/// What the rules say of a new version, before it is put into words.
struct Finding {
    /// What decides.
    enum Kind {
        /// Whoever asked for the job, or a golden case.
        case byHand
        /// Nothing: there is no row by which to compare.
        case untested
        /// Rows.
        case evidence
    }

    /// Why rows refuse a version.
    enum Objection: Equatable {
        /// It is worse than the live version.
        case worse
        /// It is worse than the anchor.
        case worseThanAnchor
        /// These labels collapse.
        case collapses([String])
        /// It is not proven better.
        case notProven
        /// The live version cannot be read.
        case unreadable
    }

    let isPromoted: Bool
    let kind: Kind
    let rule: Verdict.Rule
    private(set) var objections: [Objection] = []
    /// Whether it is proven better than the anchor.
    private(set) var isProven = false

    /// Whether the objections count as a refusal that makes the next decision stricter.
    var isRefusal: Bool { objections.contains { $0 != .notProven && $0 != .unreadable } }

    init(
        rule: Verdict.Rule,
        golden: GoldenCheck,
        comparison: VersionComparison?,
        anchor: VersionComparison?,
        standing: Standing,
        taught: Int
    ) {
        self.rule = rule
        guard golden.isPassed, rule == .ifBetter || rule == .ifNotWorse else {
            (isPromoted, kind) = (golden.isPassed && rule == .always, .byHand)
            return
        }
        guard let comparison else {
            (isPromoted, kind) = (true, .untested)
            return
        }
        objections = Finding.objections(
            strict: rule == .ifBetter,
            comparison,
            anchor: anchor,
            standing: standing,
            taught: taught
        )
        isPromoted = objections.isEmpty
        kind = comparison.paired.rows == 0 ? .untested : .evidence
        isProven = (anchor ?? comparison).isProven(looks: standing.anchorLooks + 1)
    }

    private static func objections(
        strict: Bool,
        _ comparison: VersionComparison,
        anchor: VersionComparison?,
        standing: Standing,
        taught: Int
    ) -> [Objection] {
        var objections: [Objection] = []
        if strict {
            if !comparison.isReadable && comparison.paired.rows == 0 {
                objections.append(.unreadable)
            } else if !comparison.isProven(looks: standing.looks + 1) {
                objections.append(.notProven)
            }
        } else {
            let allowance = Allowance(comparison, refusals: standing.refusals, taught: taught)
            if !allowance.permits(comparison) { objections.append(.worse) }
            if let anchor, anchor.sharedRows >= VersionComparison.leastShared,
                !Allowance(anchor, refusals: 0, taught: taught).permits(anchor)
            {
                objections.append(.worseThanAnchor)
            }
        }
        let collapsed = comparison.collapsed
        if !collapsed.isEmpty { objections.append(.collapses(collapsed)) }
        return objections
    }
}
