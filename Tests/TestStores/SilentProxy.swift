import Foundation
import Glibc
import Synchronization

/// A way to a port of this machine that can go silent, as a network does when a machine vanishes:
/// nothing comes, and nobody says why.
public final class SilentProxy: Sendable {
    /// Where it listens, on loopback.
    public let port: Int
    private let listener: Int32
    private let silence = Atomic<Bool>(false)

    /// Whether it forwards nothing; connections are accepted all the same.
    public var isSilent: Bool {
        get { silence.load(ordering: .relaxed) }
        set { silence.store(newValue, ordering: .relaxed) }
    }

    /// - Parameter target: the port that it leads to.
    /// - Throws: when no port is free.
    public init(toPort target: Int) throws {
        (listener, port) = try listen()
        Thread.detachNewThread { [weak self, listener] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { return }
                guard let self else { return }
                let server = connect(to: target)
                self.forward(client, to: server)
                self.forward(server, to: client)
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private func forward(_ from: Int32, to other: Int32) {
        Thread.detachNewThread { [weak self] in
            var buffer = [UInt8](repeating: 0, count: 65536)
            while true {
                let count = recv(from, &buffer, buffer.count, 0)
                guard count > 0 else { break }
                // What comes during the silence is lost: the connection never recovers.
                guard let self, !self.isSilent else { continue }
                guard send(other, buffer, count, Int32(MSG_NOSIGNAL)) == count else { break }
            }
            shutdown(other, Int32(SHUT_RDWR))
        }
    }
}

private func address(port: Int) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    address.sin_port = in_port_t(port).bigEndian
    return address
}

private func withAddress<Result>(
    _ address: inout sockaddr_in,
    _ body: (UnsafeMutablePointer<sockaddr>) -> Result
) -> Result {
    withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1, body)
    }
}

/// Listens on a free port of loopback.
func listen() throws -> (descriptor: Int32, port: Int) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var place = address(port: 0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isListening = withAddress(&place) { pointer in
        bind(descriptor, pointer, length) == 0 && Glibc.listen(descriptor, 64) == 0
            && getsockname(descriptor, pointer, &length) == 0
    }
    guard isListening else { throw PostgreSQLCluster.Failure(description: "no free port") }
    return (descriptor, Int(UInt16(bigEndian: place.sin_port)))
}

private func connect(to port: Int) -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var place = address(port: port)
    let length = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = withAddress(&place) { Glibc.connect(descriptor, $0, length) }
    return descriptor
}
