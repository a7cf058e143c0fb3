internal import Model
internal import Store

/// What is told of a live version whether or not it is in memory.
struct ModelCard: Sendable, Equatable {
    let version: LiveVersion
    /// Empty for one that there was no memory to read yet.
    let labels: [String]

    init(_ model: ServedModel) {
        version = model.identity
        labels = model.classifier.labels
    }

    /// A card of what could not be read for want of memory.
    init(unread version: LiveVersion) {
        self.version = version
        labels = []
    }
}
