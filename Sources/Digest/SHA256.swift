private import CGnuTLS

/// A SHA-256 digest (FIPS 180-4) that grows with the bytes it is given.
///
/// The work is done by GnuTLS, which libmicrohttpd brings along.
public struct SHA256: ~Copyable {
    private let handle: gnutls_hash_hd_t

    /// Starts an empty digest.
    public init() {
        var handle: gnutls_hash_hd_t?
        let status = gnutls_hash_init(&handle, GNUTLS_DIG_SHA256)
        guard status == 0, let handle else {
            // Only a process without memory gets here: SHA-256 is always compiled in.
            fatalError("GnuTLS refused to start SHA-256 (code \(status))")
        }
        self.handle = handle
    }

    deinit {
        gnutls_hash_deinit(handle, nil)
    }

    /// Appends `bytes` to the message.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
        gnutls_hash(handle, base, bytes.count)
    }

    /// Appends the UTF-8 bytes of `text` to the message.
    public mutating func update(_ text: String) {
        var text = text
        text.withUTF8 { update(UnsafeRawBufferPointer($0)) }
    }

    /// The digest of everything appended so far, 32 bytes; the message can still grow.
    public func digest() -> [UInt8] {
        guard let copy = gnutls_hash_copy(handle) else { fatalError("GnuTLS is out of memory") }
        return [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
            gnutls_hash_deinit(copy, buffer.baseAddress)
            count = 32
        }
    }

    /// The digest of everything appended so far as 64 lower-case hexadecimal digits.
    public func hexadecimal() -> String { digest().hexadecimal }

    /// Lends the digest of `bytes`, 32 bytes on the stack, for the length of a call.
    public static func withDigest<Result>(
        of bytes: UnsafeRawBufferPointer,
        _ use: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        withUnsafeTemporaryAllocation(byteCount: 32, alignment: 8) { digest in
            // GnuTLS takes no null pointer, not even for no bytes.
            let status = withUnsafePointer(to: UInt8(0)) { nothing in
                let start = bytes.baseAddress ?? UnsafeRawPointer(nothing)
                return gnutls_hash_fast(GNUTLS_DIG_SHA256, start, bytes.count, digest.baseAddress)
            }
            precondition(status == 0, "GnuTLS refused SHA-256 (code \(status))")
            return use(UnsafeRawBufferPointer(digest))
        }
    }

    /// The digest of `bytes` as 64 lower-case hexadecimal digits.
    public static func hexadecimal(of bytes: UnsafeRawBufferPointer) -> String {
        var hash = SHA256()
        hash.update(bytes)
        return hash.hexadecimal()
    }

    /// The digest of `bytes` as 64 lower-case hexadecimal digits.
    public static func hexadecimal(of bytes: [UInt8]) -> String {
        bytes.withUnsafeBytes { hexadecimal(of: $0) }
    }
}
