internal import CMicroHTTPD
internal import Synchronization

/// The body of an answer that is sent piece by piece, from any thread.
///
/// It holds no thread, and of what the client has not read 64 KiB at most. When the object goes,
/// the body ends; one that had to be sent whole and was not finished breaks off.
///
/// `@unchecked Sendable`: nothing in it changes but under a lock, and what is called with the
/// pointer may be called from any thread.
public final class HTTPStream: @unchecked Sendable {
    private enum Destination {
        /// The transport's stream, of which this holds one reference.
        case transport(OpaquePointer)
        /// Without a socket: the whole body is handed over at its end.
        case memory(MemoryBody)
    }

    private let destination: Destination

    /// Takes over the creator's reference.
    ///
    /// - Parameters:
    ///   - stream: the transport's stream.
    ///   - isWhole: whether a part of the body must not be taken for all of it.
    init(adopting stream: OpaquePointer, isWhole: Bool) {
        destination = .transport(stream)
        if isWhole { mhd_stream_require_whole(stream) }
    }

    /// A stream that reaches no socket; `end` gets the whole body, once.
    init(_ end: @escaping @Sendable ([UInt8]) -> Void) { destination = .memory(MemoryBody(end)) }

    deinit {
        switch destination {
        case .transport(let stream): mhd_stream_release(stream)
        case .memory(let body): body.finish()
        }
    }

    /// Sends bytes.
    ///
    /// - Parameter bytes: at least one.
    /// - Returns: false, and nothing was taken, if nobody can get them any more, the stream is
    ///   finished, or the client has too much unread.
    public func send(_ bytes: [UInt8]) -> Bool {
        switch destination {
        case .transport(let stream):
            bytes.withUnsafeBytes { buffer in
                buffer.baseAddress.map { mhd_stream_send(stream, $0, buffer.count) } ?? false
            }
        case .memory(let body): body.append(bytes)
        }
    }

    /// Bytes that the socket has not taken yet.
    public var pendingBytes: Int {
        guard case .transport(let stream) = destination else { return 0 }
        return mhd_stream_pending(stream)
    }

    /// Whether nothing can reach the client any more: it has left, or the server stops.
    public var isOver: Bool {
        switch destination {
        case .transport(let stream): mhd_stream_is_over(stream)
        case .memory(let body): body.isOver
        }
    }

    /// Ends the body behind what was sent.
    public func finish() {
        switch destination {
        case .transport(let stream): mhd_stream_finish(stream)
        case .memory(let body): body.finish()
        }
    }
}

/// Keeps a body until its end.
private final class MemoryBody: Sendable {
    private let bytes = Mutex<[UInt8]?>([])
    private let end: @Sendable ([UInt8]) -> Void

    init(_ end: @escaping @Sendable ([UInt8]) -> Void) { self.end = end }

    var isOver: Bool { bytes.withLock { $0 == nil } }

    func append(_ more: [UInt8]) -> Bool {
        bytes.withLock { bytes in
            bytes?.append(contentsOf: more)
            return bytes != nil
        }
    }

    func finish() {
        if let whole = bytes.withLock({ $0.take() }) { end(whole) }
    }
}
