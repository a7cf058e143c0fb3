/// The labels of a text that may have several: none, one or more, each once.
///
/// One string stands for a set wherever a label is expected: in the store, in digests, where rows
/// are compared. It begins with the unit separator (U+001F), which no label may have, so it is
/// never taken for a label.
///
/// Another string stands for a text of none of the labels where each text has one (`outOfScope`):
/// such a row is no set, and is never learnt as a label.
public struct LabelSet: Sendable, Hashable {
    /// More labels than this at one text are refused.
    public static let greatestCount = 1000
    private static let separator: Unicode.Scalar = "\u{1F}"
    /// The string that stands for none of the labels.
    public static let outOfScope = "\u{1F}\u{1F}"

    /// The labels in the order of their names.
    public let labels: [String]

    /// Takes labels in any order, each as often as it stands there.
    public init(_ labels: some Sequence<String>) { self.labels = Set(labels).sorted() }

    /// Reads what `stored` wrote; nil for a label.
    public init?(stored: String) {
        guard LabelSet.isStored(stored) else { return nil }
        let parts = stored.unicodeScalars.dropFirst()
            .split(separator: LabelSet.separator, omittingEmptySubsequences: true)
        labels = parts.map { String($0) }
    }

    /// The string that stands for the set.
    public var stored: String {
        let separator = String(LabelSet.separator)
        return labels.isEmpty ? separator : labels.map { separator + $0 }.joined()
    }

    /// Whether a stored string is a set, not a label.
    public static func isStored(_ string: String) -> Bool {
        string.utf8.first == UInt8(separator.value) && string != outOfScope
    }

    /// Whether a stored string says that a text has none of the labels.
    public static func isOutOfScope(_ string: String) -> Bool {
        string.utf8.first == UInt8(separator.value) && string == outOfScope
    }

    /// A label or a set as people read it: `joy, love`, `(none)` or `none of these`.
    public static func shown(_ stored: String) -> String {
        if isOutOfScope(stored) { return "none of these" }
        guard let set = LabelSet(stored: stored) else { return stored }
        return set.labels.isEmpty ? "(none)" : set.labels.joined(separator: ", ")
    }

    /// The set that a stored string is; a label is a set of one, and none of the labels is none.
    public static func of(_ stored: String) -> LabelSet {
        LabelSet(stored: stored) ?? LabelSet(isOutOfScope(stored) ? [] : [stored])
    }
}
