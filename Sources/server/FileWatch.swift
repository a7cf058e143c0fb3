@preconcurrency internal import Dispatch
internal import Glibc
internal import Synchronization

/// Reads files again when they have become others, and when it is told to.
///
/// It looks twice a second at what the paths lead to. So it notices a file that was written anew, a
/// file that was moved into place, and the link `..data` that Kubernetes exchanges in a mounted
/// secret, which leaves the paths of the files as they were. A file that is being written is left
/// alone until two looks in a row find it the same.
final class FileWatch: Sendable {
    /// What tells one content of a path from another.
    private struct Stamp: Equatable {
        let device: dev_t
        let inode: ino_t
        let size: off_t
        /// When content, owner or mode changed last.
        let changed: [Int]

        /// nil if the path leads to no file.
        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            (device, inode, size) = (status.st_dev, status.st_ino, status.st_size)
            changed = [
                status.st_mtim.tv_sec, status.st_mtim.tv_nsec,
                status.st_ctim.tv_sec, status.st_ctim.tv_nsec,
            ]
        }
    }

    private struct State {
        /// What was there when the files were read.
        var read: [Stamp?]
        /// What was there at the last look.
        var seen: [Stamp?]
    }

    private let paths: [String]
    private let read: @Sendable () -> Void
    private let state: Mutex<State>
    private let queue = DispatchQueue(label: "elman.files")
    private let timer: any DispatchSourceTimer

    /// Watches from now on.
    ///
    /// - Parameters:
    ///   - paths: the files, which have just been read.
    ///   - read: reads them again; on a thread of its own, never twice at once.
    init(_ paths: [String], read: @escaping @Sendable () -> Void) {
        let now = paths.map { Stamp($0) }
        self.paths = paths
        self.read = read
        state = Mutex(State(read: now, seen: now))
        timer = DispatchSource.makeTimerSource(queue: queue)
        timer.schedule(deadline: .now() + .milliseconds(500), repeating: .milliseconds(500))
        timer.setEventHandler { [weak self] in self?.look(isTold: false) }
        timer.activate()
    }

    deinit { timer.cancel() }

    /// Reads the files, changed or not; returns at once.
    func readNow() { queue.async { self.look(isTold: true) } }

    private func look(isTold: Bool) {
        let now = paths.map { Stamp($0) }
        let isDue = state.withLock { state in
            let isDue = isTold || (now != state.read && now == state.seen)
            state.seen = now
            if isDue { state.read = now }
            return isDue
        }
        if isDue { read() }
    }
}
