private import CGnuTLS
internal import Glibc

/// What bytes go over.
protocol ClientChannel {
    /// Sends some of the bytes; 0 or less if that is not possible, or not in time.
    func send(_ bytes: UnsafeRawBufferPointer) -> Int
    /// Receives some bytes; 0 at the end, less if that is not possible, or not in time.
    func receive(into bytes: UnsafeMutableRawBufferPointer) -> Int
}

/// A connection to a server; each call waits no longer than its timeout.
final class ClientSocket: ClientChannel {
    let descriptor: CInt

    init(_ address: HTTPAddress, timeout: Int) throws(HTTPClientError) {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(address.host, address.port, &hints, &found) == 0 else {
            throw .unknownHost(address.host)
        }
        defer { freeaddrinfo(found) }
        var next = found
        var reason = "it has no address"
        while let entry = next?.pointee {
            let type = entry.ai_socktype | Int32(SOCK_CLOEXEC.rawValue)
            let descriptor = socket(entry.ai_family, type, entry.ai_protocol)
            if descriptor >= 0 {
                // On Linux the limit for sending holds for connecting too.
                var limit = timeval(tv_sec: timeout / 1000, tv_usec: timeout % 1000 * 1000)
                let size = socklen_t(MemoryLayout<timeval>.size)
                setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
                setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
                if connect(descriptor, entry.ai_addr, entry.ai_addrlen) == 0 {
                    self.descriptor = descriptor
                    return
                }
                // EINPROGRESS is a connection that took too long.
                reason = errno == EINPROGRESS ? "timeout" : String(cString: strerror(errno))
                close(descriptor)
            }
            next = entry.ai_next
        }
        throw .unreachable(reason)
    }

    deinit { close(descriptor) }

    func send(_ bytes: UnsafeRawBufferPointer) -> Int {
        Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
    }

    func receive(into bytes: UnsafeMutableRawBufferPointer) -> Int {
        recv(descriptor, bytes.baseAddress, bytes.count, 0)
    }
}

/// TLS over a connection to a server whose certificate fits its name.
final class ClientSession: ClientChannel {
    private let socket: ClientSocket
    private let session: OpaquePointer
    private let credentials: OpaquePointer

    init(
        _ socket: ClientSocket,
        _ host: String,
        certificates: String?
    ) throws(HTTPClientError) {
        var credentials: gnutls_certificate_credentials_t?
        var session: gnutls_session_t?
        // Macros in C. The second: a write to a server that has left ends no process.
        let (client, noSignal): (UInt32, UInt32) = (1 << 1, 1 << 6)
        gnutls_certificate_allocate_credentials(&credentials)
        gnutls_init(&session, client | noSignal)
        guard let credentials, let session else { throw .notTrusted("no memory") }
        self.socket = socket
        self.session = session
        self.credentials = credentials
        let count =
            certificates.map {
                gnutls_certificate_set_x509_trust_file(credentials, $0, GNUTLS_X509_FMT_PEM)
            } ?? gnutls_certificate_set_x509_system_trust(credentials)
        guard count > 0 else { throw .noCertificates(certificates ?? "the system") }
        gnutls_set_default_priority(session)
        gnutls_credentials_set(
            session,
            GNUTLS_CRD_CERTIFICATE,
            UnsafeMutableRawPointer(credentials)
        )
        gnutls_server_name_set(session, GNUTLS_NAME_DNS, host, host.utf8.count)
        gnutls_session_set_verify_cert(session, host, 0)
        gnutls_transport_set_int2(session, self.socket.descriptor, self.socket.descriptor)
        var status: CInt
        repeat { status = gnutls_handshake(session) } while status == GNUTLS_E_INTERRUPTED
        guard status == GNUTLS_E_SUCCESS else {
            throw .notTrusted(String(cString: gnutls_strerror(status)))
        }
    }

    deinit {
        gnutls_deinit(session)
        gnutls_certificate_free_credentials(credentials)
    }

    func send(_ bytes: UnsafeRawBufferPointer) -> Int {
        gnutls_record_send(session, bytes.baseAddress, bytes.count)
    }

    func receive(into bytes: UnsafeMutableRawBufferPointer) -> Int {
        gnutls_record_recv(session, bytes.baseAddress, bytes.count)
    }
}
