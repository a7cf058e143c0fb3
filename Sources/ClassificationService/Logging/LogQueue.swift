internal import Dispatch
internal import Glibc
internal import Synchronization

/// Log lines on their way to a descriptor, written by one thread of their own.
///
/// Who logs never waits, whatever reads the descriptor: a line that finds the queue full is dropped
/// and counted. When lines leave again, one line says how many were dropped.
public final class LogQueue: Sendable {
    /// What may wait to be written.
    public struct Capacity: Sendable {
        /// Lines.
        public var lines = 4096
        /// Their bytes.
        public var bytes = 1 << 20

        /// The defaults.
        public init() {}
    }

    private struct State {
        var waiting: [[UInt8]] = []
        /// Of the lines that wait or are being written.
        var lineCount = 0
        var byteCount = 0
        var isWriting = false
        /// Dropped since the last line that said so.
        var untold = 0
        var dropped = 0

        mutating func drop(_ count: Int = 1) {
            untold += count
            dropped += count
        }
    }

    private let descriptor: CInt
    private let capacity: Capacity
    private let notice: @Sendable (Int) -> [UInt8]
    private let state = Mutex(State())
    private let writer = DispatchQueue(label: "elman.log")

    /// Makes an empty queue.
    ///
    /// - Parameters:
    ///   - descriptor: where lines go; it stays open.
    ///   - capacity: what may wait.
    ///   - notice: makes the line that says how many were dropped.
    public init(
        descriptor: CInt,
        capacity: Capacity = Capacity(),
        notice: @escaping @Sendable (Int) -> [UInt8]
    ) {
        self.descriptor = descriptor
        self.capacity = capacity
        self.notice = notice
    }

    /// Lines that were dropped since the start: the queue was full, or the descriptor took no more.
    public var droppedLines: Int { state.withLock { $0.dropped } }

    /// Takes a line to write it soon, or drops it.
    public func append(_ line: [UInt8]) {
        let starts = state.withLock { state in
            guard state.lineCount < capacity.lines,
                state.byteCount + line.count <= capacity.bytes
            else {
                state.drop()
                return false
            }
            state.waiting.append(line)
            state.lineCount += 1
            state.byteCount += line.count
            defer { state.isWriting = true }
            return !state.isWriting
        }
        if starts { writer.async { self.writeWaiting() } }
    }

    /// Waits until everything that was appended is written, but not longer than that.
    ///
    /// - Parameter limit: the longest wait.
    /// - Returns: whether everything is written.
    @discardableResult
    public func flush(within limit: Duration) -> Bool {
        let isWritten = DispatchSemaphore(value: 0)
        writer.async { isWritten.signal() }
        let milliseconds = Int(limit / .milliseconds(1))
        return isWritten.wait(timeout: .now() + .milliseconds(milliseconds)) == .success
    }

    private func writeWaiting() {
        while true {
            let (lines, isOwed) = state.withLock { state in
                defer { state.waiting = [] }
                state.isWriting = !state.waiting.isEmpty
                return (state.waiting, state.untold > 0)
            }
            if lines.isEmpty { return }
            for line in lines {
                let isWritten = write(line)
                state.withLock { state in
                    state.lineCount -= 1
                    state.byteCount -= line.count
                    if !isWritten { state.drop() }
                }
            }
            tellDropped(isOwed: isOwed)
        }
    }

    /// Tells behind all lines that were kept before: when none waits, or when what just left had
    /// waited behind a drop.
    private func tellDropped(isOwed: Bool) {
        let count = state.withLock { state in
            guard state.waiting.isEmpty || isOwed else { return 0 }
            defer { state.untold = 0 }
            return state.untold
        }
        if count > 0 && !write(notice(count)) { state.withLock { $0.untold += count } }
    }

    /// Writes a line with one system call where the descriptor takes it whole.
    ///
    /// - Returns: false if the descriptor takes nothing, as on a full disk or after its reader
    ///   left.
    private func write(_ line: [UInt8]) -> Bool {
        var rest = line[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if count < 0 && errno == EAGAIN {
                var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&entry, 1, -1)
            } else if count == 0 || errno != EINTR {
                return false
            }
        }
        return true
    }
}

private func systemWrite(_ descriptor: CInt, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}
