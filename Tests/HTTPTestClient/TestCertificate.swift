internal import CGnuTLS
internal import Glibc

/// A certificate that signs itself, and its key, made for one test.
public struct TestCertificate: Sendable {
    /// The certificate as PEM.
    public let certificate: [UInt8]
    /// The key as PEM.
    public let key: [UInt8]
    /// The key as PEM with a password.
    public let encryptedKey: [UInt8]

    /// Makes a certificate for `localhost` and 127.0.0.1.
    ///
    /// - Parameters:
    ///   - name: its common name.
    ///   - begins: when it begins to be valid, in seconds from now.
    ///   - ends: when it ends to be, likewise.
    public init(_ name: String = "localhost", from begins: Int = -3600, to ends: Int = 86_400) {
        var key: gnutls_x509_privkey_t?
        var certificate: gnutls_x509_crt_t?
        gnutls_x509_privkey_init(&key)
        gnutls_x509_crt_init(&certificate)
        defer {
            gnutls_x509_crt_deinit(certificate)
            gnutls_x509_privkey_deinit(key)
        }
        // The curve P-256, as gnutls_ecc_curve_t packs it: it is a macro in C.
        let curve = UInt32(GNUTLS_ECC_CURVE_SECP256R1.rawValue) | 1 << 31
        gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA, curve, 0)
        let now = time(nil)
        var serial: UInt8 = 1
        gnutls_x509_crt_set_version(certificate, 3)
        gnutls_x509_crt_set_serial(certificate, &serial, 1)
        gnutls_x509_crt_set_activation_time(certificate, now + begins)
        gnutls_x509_crt_set_expiration_time(certificate, now + ends)
        gnutls_x509_crt_set_dn(certificate, "CN=\(name)", nil)
        gnutls_x509_crt_set_key(certificate, key)
        gnutls_x509_crt_sign2(certificate, certificate, key, GNUTLS_DIG_SHA256, 0)
        self.certificate = bytes { gnutls_x509_crt_export2(certificate, GNUTLS_X509_FMT_PEM, $0) }
        encryptedKey = bytes {
            gnutls_x509_privkey_export2_pkcs8(
                key,
                GNUTLS_X509_FMT_PEM,
                "secret",
                GNUTLS_PKCS_PBES2_AES_256.rawValue,
                $0
            )
        }
        self.key = bytes { gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, $0) }
    }
}

private func bytes(_ export: (UnsafeMutablePointer<gnutls_datum_t>) -> Int32) -> [UInt8] {
    var datum = gnutls_datum_t()
    precondition(export(&datum) == 0, "a test certificate cannot be made")
    defer { free(datum.data) }
    return Array(UnsafeBufferPointer(start: datum.data, count: Int(datum.size)))
}
