internal import Model
internal import Store

/// What is told of a live version whether or not it is in memory.
struct ModelCard: Sendable, Equatable {
    let version: LiveVersion
    /// Empty for one that there was no memory to read yet.
    let labels: [String]
    /// Whether a text gets one label or several.
    let output: OutputKind

    init(_ model: ServedModel) {
        version = model.identity
        labels = model.classifier.labels
        output = model.classifier.output
    }

    /// A card of what could not be read for want of memory.
    init(unread version: LiveVersion) {
        self.version = version
        labels = []
        output = .oneLabel
    }
}
