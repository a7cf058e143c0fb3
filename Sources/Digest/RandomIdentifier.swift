private import CGnuTLS

/// Identifiers that nobody can guess.
public enum RandomIdentifier {
    /// Returns `prefix` followed by 128 random bits as 32 lower-case hexadecimal digits.
    ///
    /// The bits come from GnuTLS's generator, which the kernel seeds.
    public static func make(prefix: String) -> String {
        let bytes = [UInt8](unsafeUninitializedCapacity: 16) { buffer, count in
            let status = gnutls_rnd(GNUTLS_RND_RANDOM, buffer.baseAddress, 16)
            precondition(status == 0, "GnuTLS has no random bytes (code \(status))")
            count = 16
        }
        return prefix + bytes.hexadecimal
    }
}
