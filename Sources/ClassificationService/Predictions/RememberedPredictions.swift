internal import Dispatch
internal import Logging
internal import Store

/// The predictions that a client can name: in memory, where this server alone knows them, or in the
/// store, where every server does.
struct RememberedPredictions: Sendable {
    let memory: PredictionMemory
    /// Brings them into the store; nil where they stay in memory.
    let writer: PredictionWriter?
    let store: any Store

    /// The prediction of an identifier; nil if it is forgotten or never was.
    func find(_ id: String) throws(ServiceError) -> StoredPrediction? {
        if isInMemory(id) { return memory.find(id).map { StoredPrediction($0, id: id) } }
        guard Self.isIdentifier(id) else { return nil }
        let look = { () throws(StoreError) in try store.prediction(id) }
        if let found = try storing(look) { return found }
        // One that another server gave a moment ago is on its way to the store.
        guard memory.number(of: id) == nil else { return nil }
        let pause = Int(PredictionWriter.interval * 2.5 / .milliseconds(1))
        _ = DispatchSemaphore(value: 0).wait(timeout: .now() + .milliseconds(pause))
        return try storing(look)
    }

    /// Predictions that nobody has looked at yet.
    ///
    /// - Parameters:
    ///   - order: which come first.
    ///   - models: of which models; nil for all.
    ///   - limit: the most that are returned.
    /// - Returns: the predictions.
    /// - Throws: when the store cannot be read.
    func list(
        _ order: PredictionOrder,
        of models: [String]?,
        limit: Int
    ) throws(ServiceError) -> [StoredPrediction] {
        guard writer == nil else {
            return try storing { () throws(StoreError) in
                try store.predictions(order, of: models, limit: limit)
            }
        }
        let wanted = models.map { Set($0) }
        return memory.list(order, limit: limit) { wanted?.contains($0) ?? true }.map {
            StoredPrediction($0.prediction, id: $0.id)
        }
    }

    /// Takes a prediction off the list; its identifier stays good.
    func setReviewed(_ id: String) throws(ServiceError) {
        memory.setReviewed(id)
        guard writer != nil else { return }
        try storing { () throws(StoreError) in try store.setReviewed(prediction: id) }
    }

    /// Forgets a prediction; returns whether it was there.
    func forget(_ id: String) throws(ServiceError) -> Bool {
        let isInMemory = isInMemory(id)
        let wasThere = memory.forget(id)
        if isInMemory { return wasThere }
        return try storing { () throws(StoreError) in try store.forgetPrediction(id) }
    }

    /// Whether the memory of this server is where a prediction is to be found.
    private func isInMemory(_ id: String) -> Bool {
        guard let writer else { return true }
        return memory.number(of: id).map { $0 >= writer.next } ?? false
    }

    /// Whether a server may have given this identifier.
    private static func isIdentifier(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        return parts.count == 3 && parts[0] == "p" && parts[1].utf8.count == 32
            && parts[1].utf8.allSatisfy { $0 &- 0x30 < 10 || $0 &- 0x61 < 6 }
            && Int(parts[2]).map { $0 >= 0 && String($0) == parts[2] } ?? false
    }
}

extension RememberedPredictions {
    /// Remembers where the operator wants it.
    init(_ memory: PredictionMemory, in store: any Store, _ settings: ServiceSettings, log: Logger)
    {
        var writer: PredictionWriter?
        if settings.remembersInStore {
            let limit = settings.rememberedPredictions
            writer = PredictionWriter(memory, to: store, limit: limit, log: log)
        }
        self.init(memory: memory, writer: writer, store: store)
    }
}
