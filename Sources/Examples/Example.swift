/// One labelled text.
public struct Example: Sendable, Hashable {
    /// What the text is to be classified as.
    public var label: String
    /// The text.
    public var text: String

    /// Makes an example; nothing is checked, see `ExampleRules`.
    public init(label: String, text: String) {
        self.label = label
        self.text = text
    }
}

/// What an example may look like, wherever it comes from.
public struct ExampleRules: Sendable {
    /// The most UTF-8 bytes of a label.
    public var maximumLabelBytes: Int
    /// The most UTF-8 bytes of a text.
    public var maximumTextBytes: Int

    /// Makes rules; the defaults hold for files and for requests.
    public init(maximumLabelBytes: Int = 64, maximumTextBytes: Int = 8192) {
        self.maximumLabelBytes = maximumLabelBytes
        self.maximumTextBytes = maximumTextBytes
    }

    /// What is wrong with a label: a predicate without its subject ("is empty"), or nil.
    public func problem(label: UnsafeBufferPointer<UInt8>) -> String? {
        if label.isBlank { return "is empty" }
        if label.count > maximumLabelBytes {
            return "has \(label.count) bytes; at most \(maximumLabelBytes) are allowed"
        }
        if label.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
            return "contains a control character"
        }
        return nil
    }

    /// What is wrong with a text: a predicate without its subject ("is empty"), or nil.
    public func problem(text: UnsafeBufferPointer<UInt8>) -> String? {
        if text.isBlank { return "is empty" }
        if text.count > maximumTextBytes {
            return "has \(text.count) bytes; at most \(maximumTextBytes) are allowed"
        }
        return nil
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
