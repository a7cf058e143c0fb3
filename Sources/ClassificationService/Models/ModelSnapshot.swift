/// Which versions serve at one moment.
final class ModelSnapshot: Sendable {
    /// By name.
    let models: [String: ServedModel]
    /// The model of a request that names none.
    let defaultModel: ServedModel?
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
        defaultModel: ServedModel? = nil,
        problems: [ServingProblem] = [],
        isStarting: Bool,
        loadingFiles: [String] = [],
        loadingModels: [String] = []
    ) {
        self.models = models
        self.defaultModel = defaultModel
        self.problems = problems
        self.isStarting = isStarting
        self.loadingFiles = loadingFiles
        self.loadingModels = loadingModels
    }

    /// The model of that name, or the default model without one.
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
