/// The one rule for labels, wherever they enter: rows, corrections, golden cases, queries, files.
///
/// A label loses white space and invisible characters at both ends and gets normalization form C.
/// What is left must be visible, not too long, and free of characters that break a line or reverse
/// what a reader sees.
public struct LabelRule: Sendable, Equatable {
    /// The most characters (code points) of a label that any part of Elman takes.
    public static let greatestLength = 256

    /// The most characters (code points) of a label.
    public var maximumLength: Int

    /// Makes a rule.
    public init(maximumLength: Int = LabelRule.greatestLength) {
        self.maximumLength = maximumLength
    }

    /// The label that is kept for what was sent.
    ///
    /// - Throws: why it cannot be one.
    public func label(_ utf8: UnsafeBufferPointer<UInt8>) throws(TextFormError) -> String {
        guard let sent = String(validating: utf8, as: UTF8.self) else { throw .malformed }
        return try label(sent)
    }

    /// The label that is kept for what was sent.
    ///
    /// - Throws: why it cannot be one.
    public func label(_ sent: String) throws(TextFormError) -> String {
        let scalars = sent.unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.isTrimmed }),
            let last = scalars.lastIndex(where: { !$0.isTrimmed })
        else { throw .empty }
        let label = NFC.normalized(String(scalars[first...last]))
        var count = 0
        var isVisible = false
        for scalar in label.unicodeScalars {
            count += 1
            if scalar.breaksLabel { throw .notAllowed(scalar, place: count) }
            isVisible = isVisible || !scalar.isUnseen
        }
        guard isVisible else { throw .empty }
        guard count <= maximumLength else { throw .tooLong(count: count, limit: maximumLength) }
        return label
    }

    /// Checks a label that should be in the form that `label` gives it.
    ///
    /// - Throws: why it cannot be a label, or that it has another form.
    public func requireForm(_ label: String) throws(TextFormError) {
        // By bytes: to `==` all forms of a text are equal.
        guard try self.label(label).utf8.elementsEqual(label.utf8) else { throw .otherForm }
    }
}
