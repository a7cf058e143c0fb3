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

    /// Whether a session has begun before.
    enum Start: Sendable {
        /// It begins with the piece if it has not.
        case either
        /// It begins with the piece; one of that name before it is gone.
        case new
        /// It has; else the piece is refused.
        case earlier
    }

    /// In whose words sessions are spoken of.
    enum Words: Sendable {
        case native
        /// Those of the Open Inference Protocol.
        case inference

        /// Where a session is named.
        var name: String { self == .native ? "/session" : "/parameters/sequence_id" }
        /// Where the piece stands.
        var text: String { self == .native ? "/text" : "/inputs/0/data" }
        /// Where the version stands.
        var version: String { self == .native ? "/version" : "/parameters/sequence_start" }
        /// What ends a session.
        var end: String { self == .native ? "session_end" : "sequence_end" }
    }

    /// What a piece asks for beside its text.
    struct Piece: Sendable {
        /// nil for any.
        let version: Int?
        let start: Start
        let isEnd: Bool
        let words: Words

        init(_ asked: ClassifyRequest) {
            version = asked.version
            start = asked.options.sessionStart
            isEnd = asked.options.endsSession
            words = asked.options.sessionWords
        }
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
    ///   - asked: what the piece asks for beside its text.
    ///   - use: gets the session's version and what was read.
    /// - Returns: what `use` returns.
    /// - Throws: what `use` throws, or that there can be no such session.
    func with<Result: Sendable>(
        _ key: Key,
        _ live: ServedModel,
        _ asked: Piece,
        _ use: (ServedModel, inout TextSession) throws(ServiceError) -> Result
    ) throws(ServiceError) -> Result {
        let session = try find(key, live, asked)
        if let version = asked.version, version != session.model.version {
            throw .invalid(asked.words.version, "The session began with another version.")
        }
        session.lastUse.store(monotonicNanoseconds(), ordering: .relaxed)
        let result = try session.text.withLock { text throws(ServiceError) in
            var changed = text
            let result = try use(session.model, &changed)
            text = changed
            return result
        }
        if asked.isEnd { open.withLock { $0[key] = nil } }
        return result
    }

    private func find(
        _ key: Key,
        _ live: ServedModel,
        _ asked: Piece
    ) throws(ServiceError) -> Session {
        try open.withLock { open throws(ServiceError) in
            let oldest = monotonicNanoseconds() - idleSeconds * 1_000_000_000
            if asked.start != .new, let session = open[key],
                session.lastUse.load(ordering: .relaxed) >= oldest
            {
                return session
            }
            open[key] = nil
            guard let text = live.classifier.makeSession() else {
                throw .invalid(
                    asked.words.name,
                    "The model does not read in one direction, word by word; a model that is "
                        + "trained with \"recipe\": \"article\" does."
                )
            }
            if asked.start == .earlier {
                throw .invalid(
                    asked.words.name,
                    "There is no such sequence: it has ended, or was idle for too long "
                        + "(--session-idle). Its first request must have \"sequence_start\": true."
                )
            }
            if open.count >= limit {
                open = open.filter { $0.value.lastUse.load(ordering: .relaxed) >= oldest }
            }
            guard open.count < limit else {
                throw .full(
                    "\(limit) sessions are open, which is the limit (--sessions); end one with "
                        + "\"\(asked.words.end)\", or wait."
                )
            }
            let session = Session(live, text)
            open[key] = session
            return session
        }
    }
}
