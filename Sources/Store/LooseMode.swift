/// A file or directory of a store that other users may open.
public struct LooseMode: Sendable, Equatable {
    /// Where it is.
    public let path: String
    /// The permissions that it had, such as 0o755.
    public let mode: Int
    /// Why it still has them; nil if it is closed to others now.
    public let obstacle: String?

    /// - Parameters:
    ///   - path: where it is.
    ///   - mode: the permissions that it had.
    ///   - obstacle: why it still has them, if it does.
    package init(path: String, mode: Int, obstacle: String?) {
        self.path = path
        self.mode = mode
        self.obstacle = obstacle
    }
}
