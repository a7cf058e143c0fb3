/// The live versions that are in memory: as many as fit into their share of it.
///
/// The one that nobody has asked for the longest leaves for another; it is loaded again when
/// somebody asks for it. What a request has in hand stays until it has answered.
struct LoadedModels: Sendable {
    /// By name.
    private(set) var models: [String: ServedModel] = [:]
    /// The bytes that all models together may have, unless there is only one.
    private let share: Int

    /// - Parameter share: the bytes that all models together may have, unless there is only one.
    init(share: Int) { self.share = share }

    /// Takes a model in, in the place of another version of it.
    ///
    /// - Parameters:
    ///   - model: what is to serve.
    ///   - mayEvict: whether others leave for it; if not, it stays out itself where it does not
    ///     fit.
    mutating func take(_ model: ServedModel, mayEvict: Bool) {
        models[model.name] = nil
        while !models.isEmpty && byteCount + model.byteCount > share {
            guard mayEvict else { return }
            evictOldest()
        }
        models[model.name] = model
    }

    /// Lets go of models that are live no longer.
    mutating func keep(only names: Set<String>) {
        models = models.filter { names.contains($0.key) }
    }

    /// Lets go of the model that was asked for the longest ago; false if there is none.
    @discardableResult
    mutating func evictOldest() -> Bool {
        guard let oldest = models.values.min(by: { $0.lastUse < $1.lastUse }) else { return false }
        models[oldest.name] = nil
        return true
    }

    /// The memory that they take.
    var byteCount: Int { models.values.reduce(0) { $0 + $1.byteCount } }
}
