/// Which versions serve at one moment.
final class ModelSnapshot: Sendable {
    /// By name.
    let models: [String: ServedModel]
    /// The model of a request that names none.
    let defaultModel: ServedModel?
    /// What is wrong: versions that cannot serve, files that could not be imported.
    let problems: [ServingProblem]

    init(
        models: [String: ServedModel] = [:],
        defaultModel: ServedModel? = nil,
        problems: [ServingProblem] = []
    ) {
        self.models = models
        self.defaultModel = defaultModel
        self.problems = problems
    }
}

/// A reason why something is not served as it should be.
struct ServingProblem: Sendable, Equatable {
    var model: String?
    var version: Int?
    /// A sentence without paths.
    var detail: String
}
