private import Digest

/// What is true of a list of examples as a whole.
public enum ExampleSet {
    /// The SHA-256 of the rows in order, as hexadecimal digits.
    ///
    /// Each row adds the label's length in UTF-8 bytes (64 bits, little-endian), the label, the
    /// text's length in the same way, and the text. So it names the data, not the file: the same
    /// rows in another format have the same digest.
    public static func digest(of examples: some Sequence<Example>) -> String {
        var hash = SHA256()
        var pending: [UInt8] = []
        pending.reserveCapacity(1 << 16)
        for example in examples {
            append(example.label, to: &pending)
            append(example.text, to: &pending)
            if pending.count >= 1 << 15 {
                pending.withUnsafeBytes { hash.update($0) }
                pending.removeAll(keepingCapacity: true)
            }
        }
        pending.withUnsafeBytes { hash.update($0) }
        return hash.hexadecimal()
    }

    /// Rows that are learnt, and texts of none of the labels, which are not; both in their order.
    ///
    /// Where rows have sets of labels, a text of none of them is a row like others, with the empty
    /// set.
    ///
    /// - Parameters:
    ///   - examples: the rows.
    ///   - hasSets: whether texts may have several labels; nil to see by these rows.
    /// - Returns: rows to learn, and texts of none of the labels.
    public static func parted(
        _ examples: [Example],
        hasSets: Bool? = nil
    ) -> (labelled: [Example], outOfScope: [Example]) {
        guard examples.contains(where: \.isOutOfScope) else { return (examples, []) }
        if hasSets ?? ExampleSet.hasSets(examples) {
            let rows = examples.map { row in
                row.isOutOfScope
                    ? Example(labels: LabelSet([]), text: row.text, isTruncated: row.isTruncated)
                    : row
            }
            return (rows, [])
        }
        return (examples.filter { !$0.isOutOfScope }, examples.filter(\.isOutOfScope))
    }

    private static func append(_ field: String, to bytes: inout [UInt8]) {
        let utf8 = field.utf8
        withUnsafeBytes(of: UInt64(utf8.count).littleEndian) { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: utf8)
    }
}
