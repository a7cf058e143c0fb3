internal import CMicroHTTPD

/// Who a server is to its clients: a certificate chain and its private key.
///
/// `@unchecked Sendable`: the pointer never changes, and what is called with it locks.
public final class TLSIdentity: @unchecked Sendable {
    let tls: OpaquePointer

    /// Makes an identity.
    ///
    /// - Parameters:
    ///   - certificate: the certificate and those between it and its root, as PEM.
    ///   - key: its private key, as PEM without a password.
    /// - Throws: `TLSIdentityError` if they cannot be used now.
    public init(certificate: [UInt8], key: [UInt8]) throws(TLSIdentityError) {
        guard let tls = mhd_tls_create() else { throw .outOfMemory }
        self.tls = tls
        try replace(certificate: certificate, key: key)
    }

    deinit { mhd_tls_release(tls) }

    /// Puts another certificate and key in place; connections that are open keep theirs.
    ///
    /// - Parameters:
    ///   - certificate: as in `init`.
    ///   - key: likewise.
    /// - Returns: when the certificate expires, in seconds since 1970.
    /// - Throws: `TLSIdentityError` if they cannot be used; then nothing has changed.
    @discardableResult
    public func replace(certificate: [UInt8], key: [UInt8]) throws(TLSIdentityError) -> Int {
        var expires: Int64 = 0
        let failure = certificate.withSlice { certificate in
            key.withSlice { mhd_tls_use(tls, certificate, $0, &expires) }
        }
        if let error = TLSIdentityError(failure) { throw error }
        return Int(expires)
    }
}

/// Why a certificate and a key cannot be used.
public enum TLSIdentityError: Error, Equatable, Sendable {
    /// The certificate is no PEM, or cannot be read.
    case badCertificate
    /// The certificate's time is over.
    case expired
    /// The certificate's time has not come.
    case notYetValid
    /// The key is no PEM, or cannot be read.
    case badKey
    /// The key has a password.
    case encryptedKey
    /// The key is of another certificate.
    case mismatch
    /// There is no memory.
    case outOfMemory

    init?(_ failure: mhd_tls_failure) {
        switch failure {
        case .none: return nil
        case .bad_certificate: self = .badCertificate
        case .expired: self = .expired
        case .not_yet_valid: self = .notYetValid
        case .bad_key: self = .badKey
        case .encrypted_key: self = .encryptedKey
        case .mismatch: self = .mismatch
        case .out_of_memory: self = .outOfMemory
        @unknown default: self = .outOfMemory
        }
    }
}

/// Asks a server over TLS without looking at its certificate.
///
/// - Parameters:
///   - descriptor: a connected socket that blocks.
///   - request: what to send.
///   - count: how much of the answer to wait for, in bytes.
/// - Returns: the answer's first bytes, fewer if no more came.
public func askOverTLS(_ descriptor: CInt, _ request: [UInt8], count: Int) -> [UInt8] {
    let answer = [CChar](unsafeUninitializedCapacity: count) { buffer, filled in
        guard let start = buffer.baseAddress else { return }
        filled = request.withSlice { mhd_tls_ask(descriptor, $0, start, count) }
    }
    return answer.map { UInt8(bitPattern: $0) }
}

extension [UInt8] {
    fileprivate func withSlice<Result>(_ use: (mhd_slice) -> Result) -> Result {
        withUnsafeBytes { bytes in
            use(
                mhd_slice(
                    bytes: bytes.baseAddress?.assumingMemoryBound(to: CChar.self),
                    count: bytes.count
                )
            )
        }
    }
}
