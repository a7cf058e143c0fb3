internal import Evaluation
internal import JSON

/// What a report says of texts of none of the labels, as a sentence.
struct OutOfScopeText {
    let sentence: String

    /// Reads the member `out_of_scope` of a report; nil if it has none.
    init?(_ value: JSONValue?) {
        guard let value, let rows = value["rows"]?.int,
            let threshold = value["threshold"]?.double, let auroc = value["auroc"]?.double,
            let caught = value["caught"]?.int, let lost = value["lost"]?.int,
            let right = value["right_answers"]?.int
        else { return nil }
        let told = "(AUROC \(decimal(auroc, digits: 3)))"
        sentence =
            threshold > 0
            ? "None of these: below a certainty of \(decimal(threshold, digits: 4)) are \(caught) "
                + "of \(rows) texts of no label, and \(lost) of \(right) right answers \(told)."
            : "None of these: no certainty tells the \(rows) texts of no label from right "
                + "answers \(told)."
    }
}
