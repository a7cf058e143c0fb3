package import JSON

extension TrainingRecord.OutOfScope {
    /// Writes an object: `rows`, `auroc`, `auroc_low` and `auroc_high`, `threshold`, `caught`,
    /// `right_answers`, `lost` and `cross_fitted`.
    package func encode(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("rows", int: rows)
        writer.member("auroc", double: auroc)
        writer.member("auroc_low", double: aurocBounds.lowerBound)
        writer.member("auroc_high", double: aurocBounds.upperBound)
        writer.member("threshold", double: threshold)
        writer.member("caught", int: caught)
        writer.member("right_answers", int: rightAnswers)
        writer.member("lost", int: lost)
        writer.member("cross_fitted", bool: isCrossFitted)
        writer.endObject()
    }

    init(_ object: CheckpointObject) throws(CheckpointError) {
        try object.requireMembers([
            "rows", "auroc", "auroc_low", "auroc_high", "threshold", "caught", "right_answers",
            "lost", "cross_fitted",
        ])
        let rows = try object.int("rows", in: 1...Int(Int32.max))
        let low = try object.double("auroc_low", in: 0...1)
        let isCrossFitted = try object.field("cross_fitted")
        guard let isCrossFitted = isCrossFitted.value.bool else {
            throw isCrossFitted.error(.wrongType(expected: "true or false"))
        }
        let rightAnswers = try object.int("right_answers", in: 0...Int(Int32.max))
        self.init(
            rows: rows,
            auroc: try object.double("auroc", in: 0...1),
            aurocBounds: low...(try object.double("auroc_high", in: low...1)),
            threshold: try object.double("threshold", in: 0...1),
            caught: try object.int("caught", in: 0...rows),
            rightAnswers: rightAnswers,
            lost: try object.int("lost", in: 0...rightAnswers),
            isCrossFitted: isCrossFitted
        )
    }
}

extension TrainingRecord.OutOfScope: CustomStringConvertible {
    /// For example `below a certainty of 0.4123 a text is none of these: that catches 48 of 60
    /// texts of none and loses 31 of 420 right answers (AUROC 0.881, 95 % interval 0.852 to
    /// 0.910)`.
    public var description: String {
        func digits(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }
        let told =
            "(AUROC \(digits(auroc)), 95 % interval \(digits(aurocBounds.lowerBound)) to "
            + "\(digits(aurocBounds.upperBound)))"
        guard threshold > 0 else {
            return "no certainty tells the \(rows) texts of none from right answers \(told)"
        }
        return "below a certainty of \(threshold) a text is none of these: that catches \(caught) "
            + "of \(rows) texts of none and loses \(lost) of \(rightAnswers) right answers \(told)"
    }
}
