private import CGnuTLS

/// Message authentication codes (RFC 2104).
public enum HMAC {
    /// The code of a message under a key by SHA-256, 32 bytes.
    public static func sha256(of message: [UInt8], key: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 32) { code, count in
            // GnuTLS takes no null pointer, not even for no bytes.
            let status = (message + [0]).withUnsafeBytes { text in
                (key + [0]).withUnsafeBytes { secret in
                    gnutls_hmac_fast(
                        GNUTLS_MAC_SHA256,
                        secret.baseAddress,
                        key.count,
                        text.baseAddress,
                        message.count,
                        code.baseAddress
                    )
                }
            }
            precondition(status == 0, "GnuTLS refused HMAC (code \(status))")
            count = 32
        }
    }
}
