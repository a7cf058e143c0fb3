internal import Memory
internal import Store
internal import Synchronization

/// The checkpoints that clients fetch at this moment, each in memory once however many do.
final class CheckpointDownloads: Sendable {
    /// The bytes of a version, and the memory that they take.
    final class Download: Sendable {
        let bytes: [UInt8]
        private let taken: MemoryReservation?

        init(_ bytes: [UInt8], _ taken: MemoryReservation?) {
            self.bytes = bytes
            self.taken = taken
        }
    }

    private struct Entry {
        weak var download: Download?
    }

    private let store: any Store
    private let memory: MemoryBudget
    /// By digest; held while one is read, so that nobody reads it twice.
    private let downloads = Mutex<[String: Entry]>([:])

    init(_ store: any Store, _ memory: MemoryBudget) {
        self.store = store
        self.memory = memory
    }

    /// The bytes of a version; they stay in memory while somebody holds what this returns.
    ///
    /// - Throws: when it is gone, or there is no memory for it.
    func bytes(of version: VersionRecord) throws(ServiceError) -> Download {
        try downloads.withLock { downloads throws(ServiceError) in
            if let known = downloads[version.digest]?.download { return known }
            downloads = downloads.filter { $0.value.download != nil }
            let taken = try memory.take(version.byteCount, for: .download)
            let bytes = try storing { () throws(StoreError) in
                try store.checkpointBytes(version.model, version.version)
            }
            guard let bytes else { throw .versionNotFound }
            let read = Download(bytes, taken)
            downloads[version.digest] = Entry(download: read)
            return read
        }
    }
}
