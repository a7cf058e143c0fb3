public import TextForm

/// One labelled text; both are in normalization form C.
public struct Example: Sendable, Hashable {
    /// What the text is to be classified as: a label, or what stands for a set (`LabelSet.stored`).
    public let label: String
    /// The text.
    public let text: String
    /// Whether the text is the start of a longer one.
    public let isTruncated: Bool

    /// Makes an example; only the form is seen to, see `ExampleRules` for the rest.
    public init(label: String, text: String, isTruncated: Bool = false) {
        self.label = NFC.normalized(label)
        self.text = NFC.normalized(text)
        self.isTruncated = isTruncated
    }

    /// Makes an example whose text may have several labels.
    public init(labels: LabelSet, text: String, isTruncated: Bool = false) {
        self.init(label: labels.stored, text: text, isTruncated: isTruncated)
    }

    /// Makes a row of a text that has none of the labels.
    public init(outOfScope text: String, isTruncated: Bool = false) {
        self.init(label: LabelSet.outOfScope, text: text, isTruncated: isTruncated)
    }

    /// Whether the text has none of the labels, where each other one has one.
    ///
    /// Such a row calibrates and measures; nothing learns it as a label.
    public var isOutOfScope: Bool { LabelSet.isOutOfScope(label) }

    /// The labels, where the text may have several; nil where it has one, or none of them.
    public var labels: LabelSet? { LabelSet(stored: label) }

    /// This example with its label, where its set has just one; else itself.
    public var asOneLabel: Example {
        guard let labels, labels.labels.count == 1 else { return self }
        return Example(label: labels.labels[0], text: text, isTruncated: isTruncated)
    }

    /// The labels; one label is a set of one.
    public var labelSet: LabelSet { LabelSet.of(label) }
}

/// What an example may look like, wherever it comes from.
public struct ExampleRules: Sendable {
    /// What becomes of a label, and which are refused.
    public var label: LabelRule
    /// What becomes of a text, and which are refused.
    public var text: TextRule

    /// Makes rules; the defaults are those for files.
    public init(
        maximumLabelLength: Int = LabelRule.greatestLength,
        maximumTextBytes: Int = 1 << 20
    ) {
        label = LabelRule(maximumLength: maximumLabelLength)
        text = TextRule(maximumBytes: maximumTextBytes)
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Whether there is nothing but ASCII white space.
    var isBlank: Bool { allSatisfy(isWhiteSpace) }

    /// Without ASCII white space at both ends.
    var trimmed: UnsafeBufferPointer<UInt8> {
        guard let first = firstIndex(where: { !isWhiteSpace($0) }),
            let last = lastIndex(where: { !isWhiteSpace($0) })
        else { return UnsafeBufferPointer(rebasing: self[0..<0]) }
        return UnsafeBufferPointer(rebasing: self[first...last])
    }
}

/// Space, tab, line feed, vertical tab, form feed, carriage return.
func isWhiteSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
