internal import Model
internal import Synchronization

/// Texts that come in pieces: what was read of each, in memory.
///
/// A session belongs to its token and its model, and keeps the version that it began with. There
/// are so many at most; one that nobody has used for a while makes room.
final class Sessions: Sendable {
    /// Whose session it is.
    struct Key: Hashable, Sendable {
        let principal: String?
        let model: String
        let name: String
    }

    /// One session; its lock lets one request after the other at it.
    private final class Session: Sendable {
        let model: ServedModel
        let text: Mutex<TextSession>
        let lastUse = Atomic<Int>(monotonicNanoseconds())

        init(_ model: ServedModel, _ text: TextSession) {
            self.model = model
            self.text = Mutex(text)
        }
    }

    private let limit: Int
    private let idleSeconds: Int
    private let open = Mutex<[Key: Session]>([:])

    /// - Parameters:
    ///   - limit: how many there are at most.
    ///   - idleSeconds: how long one stays that nobody uses.
    init(limit: Int = 1000, idleSeconds: Int = 300) {
        self.limit = limit
        self.idleSeconds = idleSeconds
    }

    /// How many there are.
    var count: Int { open.withLock { $0.count } }

    /// Whether a client may call a session so.
    static func isGoodName(_ name: String) -> Bool {
        (1...128).contains(name.utf8.count) && name.utf8.allSatisfy { 0x21...0x7E ~= $0 }
    }

    /// Lends a session, which begins if it is not there; what `use` throws leaves it as it was.
    ///
    /// - Parameters:
    ///   - key: which one.
    ///   - live: the version that it begins with.
    ///   - asked: the version that is asked for, nil for any; whether the session ends.
    ///   - use: gets the session's version and what was read.
    /// - Returns: what `use` returns.
    /// - Throws: what `use` throws, or that there can be no such session.
    func with<Result: Sendable>(
        _ key: Key,
        _ live: ServedModel,
        _ asked: (version: Int?, end: Bool),
        _ use: (ServedModel, inout TextSession) throws(ServiceError) -> Result
    ) throws(ServiceError) -> Result {
        let session = try find(key, live)
        if let version = asked.version, version != session.model.version {
            throw .invalid("/version", "The session began with another version.")
        }
        session.lastUse.store(monotonicNanoseconds(), ordering: .relaxed)
        let result = try session.text.withLock { text throws(ServiceError) in
            var changed = text
            let result = try use(session.model, &changed)
            text = changed
            return result
        }
        if asked.end { open.withLock { $0[key] = nil } }
        return result
    }

    private func find(_ key: Key, _ live: ServedModel) throws(ServiceError) -> Session {
        try open.withLock { open throws(ServiceError) in
            let oldest = monotonicNanoseconds() - idleSeconds * 1_000_000_000
            if let session = open[key], session.lastUse.load(ordering: .relaxed) >= oldest {
                return session
            }
            open[key] = nil
            guard let text = live.classifier.makeSession() else {
                throw .invalid(
                    "/session",
                    "The model does not read in one direction, word by word; a model that is "
                        + "trained with \"recipe\": \"article\" does."
                )
            }
            if open.count >= limit {
                open = open.filter { $0.value.lastUse.load(ordering: .relaxed) >= oldest }
            }
            guard open.count < limit else {
                throw .full(
                    "\(limit) sessions are open, which is the limit (--sessions); end one with "
                        + "\"session_end\", or wait."
                )
            }
            let session = Session(live, text)
            open[key] = session
            return session
        }
    }
}
