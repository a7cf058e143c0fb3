internal import Examples
internal import JSON

extension JSONWriter {
    /// Writes the member `label`, or `labels`, an array, for what stands for a set of labels.
    mutating func member(labelOrSet stored: String) {
        if let set = LabelSet(stored: stored) {
            member("labels", array: set.labels) { $1.string($0) }
        } else {
            member("label", string: stored)
        }
    }
}
