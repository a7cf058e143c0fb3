internal import Glibc

/// The address 127.0.0.1.
public let loopback: UInt32 = 0x7f00_0001

/// Opens a TCP connection.
///
/// Small packets leave at once, so pieces stay pieces.
func connectSocket(
    address number: UInt32 = loopback,
    port: UInt16,
    from client: UInt32? = nil
) throws -> Int32 {
    let stream = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    let descriptor = socket(AF_INET, stream, 0)
    guard descriptor >= 0 else { throw TestClientError.system(call: "socket", number: errno) }
    if let client, withAddress(client, port: 0, { bind(descriptor, $0, $1) }) != 0 {
        defer { close(descriptor) }
        throw TestClientError.system(call: "bind", number: errno)
    }
    guard withAddress(number, port: port, { connect(descriptor, $0, $1) }) == 0 else {
        defer { close(descriptor) }
        throw TestClientError.system(call: "connect", number: errno)
    }
    var on: Int32 = 1
    setsockopt(
        descriptor,
        Int32(IPPROTO_TCP),
        TCP_NODELAY,
        &on,
        socklen_t(MemoryLayout<Int32>.size)
    )
    return descriptor
}

private func withAddress(
    _ number: UInt32,
    port: UInt16,
    _ use: (UnsafePointer<sockaddr>, socklen_t) -> Int32
) -> Int32 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = number.bigEndian
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            use($0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
}

func sendAll(_ bytes: [UInt8], to socket: Int32) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes {
            send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        guard count > 0 else { throw TestClientError.system(call: "send", number: errno) }
        rest = rest.dropFirst(count)
    }
}

func waitForInput(_ socket: Int32, milliseconds: Int32) -> Bool {
    var entry = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
    return poll(&entry, 1, milliseconds) > 0
}

/// Appends what has come.
///
/// False at the end of the connection, by close or by reset.
func receiveAvailable(from socket: Int32, into received: inout [UInt8]) -> Bool {
    withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 1) { buffer in
        let count = recv(socket, buffer.baseAddress, buffer.count, 0)
        guard count > 0 else { return false }
        received.append(contentsOf: buffer.prefix(count))
        return true
    }
}

/// Listens on a free port of 127.0.0.1.
func listenSocket() throws -> (listener: Int32, port: UInt16) {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard listener >= 0 else { throw TestClientError.system(call: "socket", number: errno) }
    guard withAddress(loopback, port: 0, { bind(listener, $0, $1) }) == 0,
        listen(listener, 512) == 0
    else {
        defer { close(listener) }
        throw TestClientError.system(call: "listen", number: errno)
    }
    var address = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) { pointer in
        _ = pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            getsockname(listener, $0, &size)
        }
    }
    return (listener, UInt16(bigEndian: address.sin_port))
}
