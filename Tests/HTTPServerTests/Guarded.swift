import Foundation

/// A value behind a lock that the thread sanitizer understands.
///
/// `Mutex` hands itself over inside the kernel when two threads want it, which the sanitizer cannot
/// see and reports as a race.
///
/// `@unchecked Sendable`: `value` is touched only while `lock` is held.
final class Guarded<Value>: @unchecked Sendable {
    private let lock = NSLock()
    private var value: Value

    init(_ value: Value) { self.value = value }

    func withLock<Result>(_ use: (inout Value) throws -> Result) rethrows -> Result {
        lock.lock()
        defer { lock.unlock() }
        return try use(&value)
    }
}
