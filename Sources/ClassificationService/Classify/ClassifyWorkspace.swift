internal import JSON
internal import Synchronization

/// What a request is read into; one thread has it at a time, and it is used again.
final class ClassifyWorkspace {
    let parser = JSONParser()
    /// The texts of the request, as UTF-8; they live no longer than it and the parser's document.
    var texts: [UnsafeBufferPointer<UInt8>] = []
}

/// Keeps workspaces between requests, because their buffers are what makes them cheap.
final class WorkspacePool: Sendable {
    /// `@unchecked Sendable`: it moves between threads, but the pool gives each out once.
    private struct Idle: @unchecked Sendable {
        let workspace: ClassifyWorkspace
    }

    private let idle = Mutex<[Idle]>([])
    private let capacity: Int

    init(capacity: Int = 64) { self.capacity = capacity }

    func withWorkspace<Result, Failure>(
        _ use: (ClassifyWorkspace) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let taken = idle.withLock { $0.popLast() } ?? Idle(workspace: ClassifyWorkspace())
        defer {
            taken.workspace.texts.removeAll(keepingCapacity: true)
            idle.withLock { if $0.count < capacity { $0.append(taken) } }
        }
        return try use(taken.workspace)
    }
}

/// Texts that outlive the request that brought them.
struct OwnedTexts: Sendable {
    private var bytes: [UInt8] = []
    private var ends: [Int] = []

    init(copying texts: [UnsafeBufferPointer<UInt8>]) {
        bytes.reserveCapacity(texts.reduce(0) { $0 + $1.count })
        for text in texts {
            bytes += text
            ends.append(bytes.count)
        }
    }

    var count: Int { ends.count }
    var byteCount: Int { bytes.count }

    /// Lends the texts for the length of a call.
    func withTexts<Result>(_ use: ([UnsafeBufferPointer<UInt8>]) -> Result) -> Result {
        bytes.withUnsafeBufferPointer { all in
            var start = 0
            let texts = ends.map { end in
                defer { start = end }
                return UnsafeBufferPointer(rebasing: all[start..<end])
            }
            return use(texts)
        }
    }
}
