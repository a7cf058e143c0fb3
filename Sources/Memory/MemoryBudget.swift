internal import Synchronization

/// The bytes that large things may take together at one moment.
///
/// What is large says so before it begins, and gives back what it took when it is done. What is
/// small is not counted: the rest of the machine's memory is for that.
public final class MemoryBudget: Sendable {
    /// What memory is taken for.
    public enum Use: String, CaseIterable, Sendable {
        /// Bodies on their way in: half of the budget at most, so that those which are here can be
        /// read.
        case body
        /// What is made of a body: its JSON, its rows.
        case work
        /// Answers on their way out.
        case answer
        /// Checkpoints that clients fetch, each once however many do.
        case download
        /// Models that serve, and what loading one takes.
        case model
    }

    /// Bytes that are not worth counting.
    public static let smallBytes = 64 << 10

    /// The least budget that is not asked for.
    public static let leastLimit = 128 << 20

    /// The bytes that may be taken.
    public let limit: Int
    private let all = Atomic<Int>(0)
    private let refused = Atomic<Int>(0)
    private let byUse = Use.allCases.map { _ in Counter() }

    private final class Counter: Sendable {
        let bytes = Atomic<Int>(0)
    }

    /// - Parameter limit: the bytes that may be taken; without it a quarter of what the system has
    ///   for this process.
    public init(limit: Int = MemoryBudget.systemLimit) { self.limit = limit }

    /// A quarter of the memory that this process may use, `leastLimit` at least.
    public static let systemLimit = max(leastLimit, SystemMemory().bytes / 4)

    /// Takes memory.
    ///
    /// - Parameters:
    ///   - bytes: how many.
    ///   - use: what for.
    /// - Returns: what gives them back when it goes; nil if they are not free now.
    public func reserve(_ bytes: Int, for use: Use) -> MemoryReservation? {
        takeBytes(bytes, for: use) ? MemoryReservation(bytes, use, of: self) : nil
    }

    /// Counts memory that is in use already, whether it is free or not.
    ///
    /// - Returns: what gives it back when it goes.
    public func count(_ bytes: Int, for use: Use) -> MemoryReservation {
        counter(use).bytes.wrappingAdd(bytes, ordering: .relaxed)
        all.wrappingAdd(bytes, ordering: .relaxed)
        return MemoryReservation(bytes, use, of: self)
    }

    /// Takes memory for whoever calls `giveBack` with the same numbers later, once.
    package func takeBytes(_ bytes: Int, for use: Use) -> Bool {
        let ofUse = counter(use).bytes.wrappingAdd(bytes, ordering: .relaxed).newValue
        let ofAll = all.wrappingAdd(bytes, ordering: .relaxed).newValue
        if ofAll <= limit && ofUse <= share(of: use) { return true }
        giveBack(bytes, for: use)
        refused.wrappingAdd(1, ordering: .relaxed)
        return false
    }

    /// Gives back what `takeBytes` has taken.
    package func giveBack(_ bytes: Int, for use: Use) {
        counter(use).bytes.wrappingSubtract(bytes, ordering: .relaxed)
        all.wrappingSubtract(bytes, ordering: .relaxed)
    }

    /// Whether bytes are free now; they may be gone when they are asked for.
    public func hasRoom(for bytes: Int, _ use: Use) -> Bool {
        bytes <= limit - all.load(ordering: .relaxed)
            && bytes <= share(of: use) - reserved(for: use)
    }

    /// The most that one use may take.
    public func share(of use: Use) -> Int { use == .body ? limit / 2 : limit }

    /// The bytes that are taken for a use now.
    public func reserved(for use: Use) -> Int { counter(use).bytes.load(ordering: .relaxed) }

    /// How often memory was asked for that was not free.
    public var refusals: Int { refused.load(ordering: .relaxed) }

    private func counter(_ use: Use) -> Counter { byUse[use.index] }
}

extension MemoryBudget.Use {
    fileprivate var index: Int {
        switch self {
        case .body: 0
        case .work: 1
        case .answer: 2
        case .download: 3
        case .model: 4
        }
    }
}

/// Memory that was taken from a budget; it is given back when the last reference goes.
public final class MemoryReservation: Sendable {
    /// How many bytes.
    public let bytes: Int
    private let use: MemoryBudget.Use
    private let budget: MemoryBudget

    fileprivate init(_ bytes: Int, _ use: MemoryBudget.Use, of budget: MemoryBudget) {
        self.bytes = bytes
        self.use = use
        self.budget = budget
    }

    deinit { budget.giveBack(bytes, for: use) }
}
