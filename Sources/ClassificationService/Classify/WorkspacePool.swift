internal import JSON
internal import Synchronization

/// Keeps JSON parsers between requests, because their buffers are what makes them cheap.
///
/// One thread holds a parser at a time: the pool gives each out once, under its lock.
final class ParserPool: Sendable {
    /// `@unchecked Sendable`: it moves between threads, but only one has it (see the pool).
    private struct Idle: @unchecked Sendable {
        let parser: JSONParser
    }

    private let idle = Mutex<[Idle]>([])
    private let capacity: Int

    init(capacity: Int = 64) { self.capacity = capacity }

    func withParser<Result, Failure>(
        _ use: (JSONParser) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let taken = idle.withLock { $0.popLast() } ?? Idle(parser: JSONParser())
        defer {
            idle.withLock { if $0.count < capacity { $0.append(taken) } }
        }
        return try use(taken.parser)
    }
}
