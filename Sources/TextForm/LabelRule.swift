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
        let label = NFC.normalized(String(LabelRule.trimmed(sent.unicodeScalars)))
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

    /// Without what cannot be seen at both ends.
    private static func trimmed(
        _ scalars: String.UnicodeScalarView
    ) -> Substring.UnicodeScalarView {
        var rest = scalars[...]
        while let first = rest.first, first.isTrimmed || first.isAppended { rest.removeFirst() }
        while let last = rest.last, last.isTrimmed || last.isAppended {
            guard last.isAppended else {
                rest.removeLast()
                continue
            }
            // All that is appended to one character, at once.
            var base = rest
            while base.last?.isAppended == true { base.removeLast() }
            if base.last?.takes(last) == true { break }
            rest = base
        }
        return rest
    }

    /// Checks a label that should be in the form that `label` gives it.
    ///
    /// - Throws: why it cannot be a label, or that it has another form.
    public func requireForm(_ label: String) throws(TextFormError) {
        // By bytes: to `==` all forms of a text are equal.
        guard try self.label(label).utf8.elementsEqual(label.utf8) else { throw .otherForm }
    }
}
