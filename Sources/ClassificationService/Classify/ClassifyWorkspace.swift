internal import JSON
internal import Memory

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
    private let idle = IdleObjects<ClassifyWorkspace>()
    private let memory: MemoryBudget

    init(_ memory: MemoryBudget) { self.memory = memory }

    func withWorkspace<Result, Failure>(
        _ use: (ClassifyWorkspace) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let workspace = idle.take() ?? ClassifyWorkspace(memory)
        defer {
            workspace.texts.removeAll(keepingCapacity: true)
            // What a very large body made grow is let go.
            if workspace.parser.end() { idle.keep(workspace) }
        }
        return try use(workspace)
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
