private import Glibc

/// Keeps a second server off a state directory; the kernel lets go when the process ends.
package struct StateLock: ~Copyable, Sendable {
    private let descriptor: CInt

    /// Why the directory is not ours.
    package enum Failure: Error, Equatable, Sendable, CustomStringConvertible {
        /// Another server has it.
        case held(directory: String)
        /// The system's words.
        case system(directory: String, reason: String)

        /// One sentence that says what to do.
        package var description: String {
            switch self {
            case .held(let directory):
                "another server uses the state directory '\(directory)': stop it, or give this one "
                    + "a directory of its own with --state"
            case .system(let directory, let reason):
                "the state directory '\(directory)' cannot be used (\(reason)): check that it is a "
                    + "directory in which this user may write"
            }
        }
    }

    /// Makes the directory if it is missing, and takes it.
    ///
    /// - Parameter directory: the state directory; its parent must exist.
    /// - Throws: `Failure` if it cannot be had.
    package init(directory: String) throws(Failure) {
        func failure() -> Failure {
            .system(directory: directory, reason: String(cString: strerror(errno)))
        }
        if mkdir(directory, 0o700) != 0 && errno != EEXIST { throw failure() }
        let descriptor = open(directory + "/server.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure() }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let error = errno == EWOULDBLOCK ? Failure.held(directory: directory) : failure()
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }
}
