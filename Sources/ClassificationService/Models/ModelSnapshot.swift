/// Which versions serve at one moment.
final class ModelSnapshot: Sendable {
    /// Those in memory, by name.
    let models: [String: ServedModel]
    /// Every one that can serve, by name.
    let cards: [String: ModelCard]
    /// The model of a request that names none.
    let defaultName: String?
    private let defaultModel: ServedModel?
    /// What is wrong: versions that cannot serve, files that could not be imported.
    let problems: [ServingProblem]
    /// Whether the service is starting: files and live versions are still to be loaded.
    let isStarting: Bool
    /// Files that a starting service has not looked at yet.
    let loadingFiles: [String]
    /// Models that are live, but are not loaded yet.
    let loadingModels: [String]

    init(
        models: [String: ServedModel] = [:],
        cards: [String: ModelCard] = [:],
        defaultName: String? = nil,
        problems: [ServingProblem] = [],
        isStarting: Bool,
        loadingFiles: [String] = [],
        loadingModels: [String] = []
    ) {
        self.models = models
        self.cards = cards
        self.defaultName = defaultName
        defaultModel = defaultName.flatMap { models[$0] }
        self.problems = problems
        self.isStarting = isStarting
        self.loadingFiles = loadingFiles
        self.loadingModels = loadingModels
    }

    /// Whether something can serve and nothing is left to load.
    var isReady: Bool { !isStarting && !cards.isEmpty }

    init(copying other: ModelSnapshot) {
        models = other.models
        cards = other.cards
        defaultName = other.defaultName
        defaultModel = other.defaultModel
        problems = other.problems
        isStarting = other.isStarting
        loadingFiles = other.loadingFiles
        loadingModels = other.loadingModels
    }

    /// The card of that model, or of the default model without a name.
    func card(_ name: String?) -> ModelCard? { (name ?? defaultName).flatMap { cards[$0] } }

    /// The model of that name, or the default model without one, if it is in memory.
    func model(_ name: String?) -> ServedModel? {
        guard let name else { return defaultModel }
        return models[name]
    }
}

/// A reason why something is not served as it should be.
struct ServingProblem: Sendable, Equatable {
    var model: String?
    var version: Int?
    /// A sentence without paths.
    var detail: String
}
