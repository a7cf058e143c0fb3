internal import Evaluation
public import JSON

/// What became of texts without labels.
public struct UnlabelledOutcome: Sendable, Equatable {
    /// How many different texts were looked at.
    public var texts: Int
    /// How many of them the network has learnt; 0 where they were not used.
    public var learnt: Int
    /// Without them; nil where that was not measured.
    public var without: HeldOutFigures?
    /// With them.
    public var with: HeldOutFigures?
    /// Why they were not tried; nil where they were.
    public var reason: String?

    /// Whether they were used.
    public var isUsed: Bool { learnt > 0 }
}

extension UnlabelledOutcome: CustomStringConvertible {
    /// Such as `1,240 unlabelled texts raised the cross-validated accuracy from 61.4 to 65.9 %`.
    public var description: String {
        let count = "\(grouped(texts)) unlabelled \(texts == 1 ? "text" : "texts")"
        if let reason { return "\(count) not used: \(reason)" }
        guard let without, let with else { return "\(count) not used" }
        guard isUsed else {
            return "\(count) not used, because the cross-validated loss would not fall "
                + "(\(decimal(without.loss, digits: 3)) without, "
                + "\(decimal(with.loss, digits: 3)) with)"
        }
        let from = percentage(without.accuracy)
        let to = percentage(with.accuracy)
        let verb =
            with.accuracy > without.accuracy
            ? "raised" : with.accuracy < without.accuracy ? "lowered" : "left"
        let accuracy =
            verb == "left"
            ? "left the cross-validated accuracy at \(to) %"
            : "\(verb) the cross-validated accuracy from \(from) to \(to) %"
        return
            "\(count) \(accuracy), and took the loss from \(decimal(without.loss, digits: 3)) to "
            + decimal(with.loss, digits: 3)
    }

    private func percentage(_ share: Double) -> String { decimal(100 * share, digits: 1) }

    /// Writes an object: `texts`, `used`, `learnt`, `accuracy_without`, `accuracy_with`,
    /// `loss_without`, `loss_with` (null where not measured) and `description`.
    public func encode(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("texts", int: texts)
        writer.member("used", bool: isUsed)
        writer.member("learnt", int: learnt)
        HeldOutFigures.encode(without: without, with: with, to: &writer)
        writer.member("description", string: description)
        writer.endObject()
    }
}
