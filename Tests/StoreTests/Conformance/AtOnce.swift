import Dispatch
import Foundation
import Synchronization

/// Runs bodies at the same moment, each on a thread of its own, and returns what they came to.
func atOnce<Value: Sendable>(
    _ bodies: [@Sendable () throws -> Value]
) -> [Result<Value, any Error>] {
    let results = Mutex<[Int: Result<Value, any Error>]>([:])
    let (gate, ready, done) = (DispatchSemaphore(value: 0), DispatchGroup(), DispatchGroup())
    for (index, body) in bodies.enumerated() {
        ready.enter()
        done.enter()
        Thread.detachNewThread {
            ready.leave()
            gate.wait()
            let result = Result { try body() }
            results.withLock { $0[index] = result }
            done.leave()
        }
    }
    ready.wait()
    for _ in bodies { gate.signal() }
    done.wait()
    return results.withLock { results in bodies.indices.compactMap { results[$0] } }
}

/// Does several things at the same moment, each on a thread of its own.
func atOnce(_ bodies: (@Sendable () throws -> Void)...) -> [Result<Void, any Error>] {
    atOnce(bodies)
}

extension Result {
    /// Whether it came without an error.
    var isSuccess: Bool { if case .success = self { true } else { false } }

    /// The error; nil for a success.
    var error: (any Error)? { if case .failure(let error) = self { error } else { nil } }
}
