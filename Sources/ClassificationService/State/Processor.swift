internal import CMalloc
internal import Glibc

/// The processors, by which threads keep apart what each writes.
///
/// A cache line that two processors write in turn travels between them each time, which takes as
/// long as fifty additions. A thread may move at any moment, so what is kept apart is still safe
/// for all.
enum Processor {
    /// How many are told apart: a power of two, at most 8.
    static let count: Int = {
        let configured = min(8, max(1, sysconf(Int32(_SC_NPROCESSORS_CONF))))
        return 1 << (Int.bitWidth - (configured - 1).leadingZeroBitCount)
    }()
    /// What one writes at once, in bytes.
    static let lineBytes = 64

    /// The one that this thread runs on; below `count`.
    static var current: Int { Int(sched_getcpu()) & (count - 1) }
}
