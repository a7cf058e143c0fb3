internal import HTTPServer
internal import Memory
internal import Synchronization

/// Opens the files that long bodies go into; so many at a time.
final class Spools: Sendable {
    /// What a stream has as long as its file is there.
    private final class Place: Sendable {
        private let spools: Spools
        private let memory: MemoryReservation?

        init(_ spools: Spools, _ memory: MemoryReservation?) {
            self.spools = spools
            self.memory = memory
        }

        deinit { spools.taken.wrappingSubtract(1, ordering: .relaxed) }
    }

    private let taken = Atomic<Int>(0)
    private let directory: String
    private let memory: MemoryBudget

    /// - Parameters:
    ///   - directory: where the files are.
    ///   - memory: what the streams take memory from.
    init(_ directory: String, _ memory: MemoryBudget) {
        self.directory = directory
        self.memory = memory
    }

    /// Opens a file for a body.
    ///
    /// - Parameter announced: the bytes of the body, if that is known.
    /// - Returns: the file, gone when nobody has it any more.
    /// - Throws: when too many streams are under way, or there is no room on the disk.
    func open(announced: Int?) throws(ServiceError) -> HTTPSpool {
        // Lines and answers that are in memory at one moment.
        let memory = try memory.take(4 * Limits.lineBytes, for: .work)
        let place = Place(self, memory)
        guard taken.wrappingAdd(1, ordering: .relaxed).newValue <= Limits.streams else {
            throw .full(
                "\(Limits.streams) streams of texts are under way already; try again when one has "
                    + "ended."
            )
        }
        let needed = (announced ?? 0) + Self.spareBytes
        guard let spool = HTTPSpool(in: directory, needed: needed, keeping: place) else {
            throw .storageFull
        }
        return spool
    }

    /// What is left to the store.
    private static let spareBytes = 64 << 20
}
