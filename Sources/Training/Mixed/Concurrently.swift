internal import Dispatch
internal import Synchronization

/// Runs tasks 0..<count on at most `threads` threads, in order of their numbers, and collects the
/// results on the caller's thread when all are done.
func concurrently<Result>(
    count: Int,
    threads: Int,
    _ task: (Int) throws -> Result,
    collect: (Int, Result) -> Void
) throws {
    if threads <= 1 {
        for index in 0..<count { collect(index, try task(index)) }
        return
    }
    // Each task works on objects of its own, and the mutex orders results before `collect`.
    nonisolated(unsafe) let task = task
    nonisolated(unsafe) var results: [(Int, Swift.Result<Result, any Error>)] = []
    let next = Atomic<Int>(0)
    let lock = Mutex(())
    DispatchQueue.concurrentPerform(iterations: min(threads, count)) { _ in
        while true {
            let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
            guard index < count else { return }
            let result = Swift.Result { try task(index) }
            lock.withLock { _ in results.append((index, result)) }
        }
    }
    for (index, result) in results { collect(index, try result.get()) }
}
