internal import Examples
internal import JSON

extension JSONWriter {
    /// Writes the member `label`, or `labels`, an array, for what stands for a set of labels; the
    /// label of a text that has none of them is null.
    mutating func member(labelOrSet stored: String) {
        if let set = LabelSet(stored: stored) {
            member("labels", array: set.labels) { $1.string($0) }
        } else {
            member("label", string: LabelSet.isOutOfScope(stored) ? nil : stored)
        }
    }
}
