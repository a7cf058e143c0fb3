internal import JSON
internal import Memory
internal import Synchronization

/// What a request is read into; one thread has it at a time, and it is used again.
final class ClassifyWorkspace {
    let parser: JSONParser
    /// What large bodies take memory from.
    let memory: MemoryBudget
    /// The texts of the request, as UTF-8; they live no longer than it and the parser's document.
    var texts: [UnsafeBufferPointer<UInt8>] = []

    init(_ memory: MemoryBudget) {
        self.memory = memory
        parser = JSONParser(memory: memory)
    }
}

/// Keeps workspaces between requests, because their buffers are what makes them cheap.
final class WorkspacePool: Sendable {
    /// `@unchecked Sendable`: it moves between threads, but the pool gives each out once.
    private struct Idle: @unchecked Sendable {
        let workspace: ClassifyWorkspace
    }

    private let idle = Mutex<[Idle]>([])
    private let capacity: Int

    private let memory: MemoryBudget

    init(_ memory: MemoryBudget, capacity: Int = 64) {
        self.memory = memory
        self.capacity = capacity
    }

    func withWorkspace<Result, Failure>(
        _ use: (ClassifyWorkspace) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let taken = idle.withLock { $0.popLast() } ?? Idle(workspace: ClassifyWorkspace(memory))
        defer {
            taken.workspace.texts.removeAll(keepingCapacity: true)
            // What a very large body made grow is let go.
            if taken.workspace.parser.end() {
                idle.withLock { if $0.count < capacity { $0.append(taken) } }
            }
        }
        return try use(taken.workspace)
    }
}

/// Texts that outlive the request that brought them.
struct OwnedTexts: Sendable {
    private var bytes: [UInt8] = []
    private var ends: [Int] = []
    private let taken: MemoryReservation?

    /// - Throws: when there is no memory for them.
    init(
        copying texts: [UnsafeBufferPointer<UInt8>],
        _ memory: MemoryBudget
    ) throws(ServiceError) {
        let size = texts.reduce(0) { $0 + $1.count }
        taken = try memory.take(size, for: .work)
        bytes.reserveCapacity(size)
        for text in texts {
            bytes += text
            ends.append(bytes.count)
        }
    }

    var count: Int { ends.count }
    var byteCount: Int { bytes.count }

    /// Lends the texts for the length of a call.
    func withTexts<Result, Failure>(
        _ use: ([UnsafeBufferPointer<UInt8>]) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try bytes.withUnsafeBufferPointer { all throws(Failure) in
            var start = 0
            let texts = ends.map { end in
                defer { start = end }
                return UnsafeBufferPointer(rebasing: all[start..<end])
            }
            return try use(texts)
        }
    }
}
