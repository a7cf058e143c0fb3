internal import CGnuTLS
internal import Glibc

/// A TLS session with a server on 127.0.0.1, of one thread.
///
/// The certificate is not checked.
public final class TLSClient {
    let socket: Int32
    private let session: gnutls_session_t
    private let credentials: gnutls_certificate_credentials_t
    private var received: [UInt8] = []

    /// Connects and shakes hands.
    ///
    /// - Parameters:
    ///   - port: the server's port.
    ///   - priorities: what to speak, in GnuTLS's words.
    /// - Throws: `TestClientError.system` if the server does not agree.
    public init(port: UInt16, priorities: String = "NORMAL") throws {
        socket = try connectSocket(port: port)
        var session: gnutls_session_t?
        var credentials: gnutls_certificate_credentials_t?
        // A client that ends quietly when the server has left.
        let (client, noSignal): (UInt32, UInt32) = (1 << 1, 1 << 6)
        gnutls_init(&session, client | noSignal)
        gnutls_certificate_allocate_credentials(&credentials)
        guard let session, let credentials else {
            throw TestClientError.system(call: "gnutls_init", number: ENOMEM)
        }
        self.session = session
        self.credentials = credentials
        gnutls_priority_set_direct(session, priorities, nil)
        gnutls_credentials_set(
            session,
            GNUTLS_CRD_CERTIFICATE,
            UnsafeMutableRawPointer(credentials)
        )
        gnutls_transport_set_int2(session, socket, socket)
        gnutls_handshake_set_timeout(session, 20_000)
        var status = gnutls_handshake(session)
        while status < 0 && gnutls_error_is_fatal(status) == 0 {
            status = gnutls_handshake(session)
        }
        guard status == 0 else {
            throw TestClientError.system(call: "gnutls_handshake", number: status)
        }
    }

    deinit {
        gnutls_deinit(session)
        gnutls_certificate_free_credentials(credentials)
        close(socket)
    }

    /// What is spoken, such as `TLS1.3`.
    public var version: String {
        String(cString: gnutls_protocol_get_name(gnutls_protocol_get_version(session)))
    }

    /// The server's certificate, in binary form.
    public var certificate: [UInt8] {
        var count: UInt32 = 0
        guard let first = gnutls_certificate_get_peers(session, &count), count > 0 else {
            return []
        }
        return Array(UnsafeBufferPointer(start: first.pointee.data, count: Int(first.pointee.size)))
    }

    /// Sends a request and reads its answer.
    ///
    /// - Parameter request: head and body.
    /// - Returns: the answer.
    /// - Throws: `TestClientError` if none comes.
    public func exchange(_ request: String) throws -> TestResponse {
        send(Array(request.utf8))
        while true {
            if let response = try TestResponse.take(from: &received) { return response }
            guard let bytes = receive() else {
                throw TestClientError.closed(received: String(decoding: received, as: UTF8.self))
            }
            received += bytes
        }
    }

    /// Shakes hands once more, as TLS 1.2 allows.
    ///
    /// - Returns: the number of the alert that the server refuses with, or nil if it agrees.
    public func renegotiate() -> UInt32? {
        gnutls_handshake(session) == 0 ? nil : gnutls_alert_get(session).rawValue
    }

    var hasPending: Bool { gnutls_record_check_pending(session) > 0 }

    /// Sends as much as the server takes before it leaves.
    func send(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                gnutls_record_send(session, $0.baseAddress, $0.count)
            }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// Says that nothing more will be sent.
    func finish() {
        gnutls_bye(session, GNUTLS_SHUT_WR)
        shutdown(socket, Int32(SHUT_WR))
    }

    /// Waits for what comes next; nil at the end.
    func receive() -> [UInt8]? {
        withUnsafeTemporaryAllocation(byteCount: 16_384, alignment: 1) { buffer in
            let count = gnutls_record_recv(session, buffer.baseAddress, buffer.count)
            return count > 0 ? Array(buffer.prefix(count)) : nil
        }
    }
}
