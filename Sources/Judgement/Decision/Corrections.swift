public import JSON

/// What became of rows that feedback taught since the live version came.
public struct Corrections: Sendable, Equatable {
    /// How many there are.
    public var rows: Int
    /// How many the new version answers right, having learnt them.
    public var learnt: Int
    /// How many were answered by networks that had not learnt them.
    public var answered: Int
    /// How many of these answers are right; an equal version has 6 to 25 % of them right by luck.
    public var right: Int

    /// Writes an object: `rows`, `learnt`, `answered`, `right`.
    public func encode(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("rows", int: rows)
        writer.member("learnt", int: learnt)
        writer.member("answered", int: answered)
        writer.member("right", int: right)
        writer.endObject()
    }

    var sentence: String {
        let fair =
            answered == 0
            ? "none could be asked without having been learnt"
            : "out of fold \(right) of \(answered) (an equal version: 6 to 25 %)"
        return "corrections: \(learnt) of \(rows) learnt; \(fair)"
    }
}

/// A label that the live version does not know.
public struct NewLabel: Sendable, Equatable {
    /// The label.
    public var label: String
    /// How many of its rows were answered by networks that had not learnt them.
    public var rows: Int
    /// How many of these answers are right.
    public var right: Int

    /// Writes an object: `label`, `rows`, `right`.
    public func encode(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("label", string: label)
        writer.member("rows", int: rows)
        writer.member("right", int: right)
        writer.endObject()
    }

    var sentence: String { "new label \"\(label)\": \(right) of \(rows) right out of fold" }
}
