import Foundation
internal import Glibc

/// Speaks TLS to a server for plain connections, so that every test can go through TLS.
///
/// Each connection has a thread. Certificates are not checked.
public final class TLSTunnel: Sendable {
    /// Where plain connections are taken, on 127.0.0.1.
    public let port: UInt16
    private let listener: Int32

    /// Opens a tunnel.
    ///
    /// - Parameter target: the server's port, on 127.0.0.1.
    /// - Throws: `TestClientError.system` if it cannot listen.
    public init(to target: UInt16) throws {
        let (listener, port) = try listenSocket()
        self.listener = listener
        self.port = port
        Thread.detachNewThread {
            while true {
                let plain = accept(listener, nil, nil)
                guard plain >= 0 else { return }
                Thread.detachNewThread {
                    serve(plain, target: target)
                    close(plain)
                }
            }
        }
    }

    deinit {
        // Wakes the thread.
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }
}

private func serve(_ plain: Int32, target: UInt16) {
    guard let client = try? TLSClient(port: target) else { return }
    var entries = [
        pollfd(fd: plain, events: Int16(POLLIN), revents: 0),
        pollfd(fd: client.socket, events: Int16(POLLIN), revents: 0),
    ]
    var (isSending, isReceiving) = (true, true)
    while isSending || isReceiving {
        entries[0].fd = isSending ? plain : -1
        entries[1].fd = isReceiving ? client.socket : -1
        let hasMore = isReceiving && client.hasPending
        guard poll(&entries, 2, hasMore ? 0 : 20_000) > 0 || hasMore else { return }
        if isSending && entries[0].revents != 0 {
            var bytes: [UInt8] = []
            isSending = receiveAvailable(from: plain, into: &bytes)
            if isSending {
                // A server that has refused does not read on.
                client.send(bytes)
            } else {
                client.finish()
            }
        }
        if isReceiving && (hasMore || entries[1].revents != 0) {
            if let bytes = client.receive() {
                isReceiving = (try? sendAll(bytes, to: plain)) != nil
            } else {
                isReceiving = false
            }
            if !isReceiving { shutdown(plain, Int32(SHUT_WR)) }
        }
    }
}
