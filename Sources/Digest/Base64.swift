private import CGnuTLS
private import Glibc

/// Bytes in base 64, as RFC 4648 writes them, with padding.
public enum Base64 {
    /// Writes bytes.
    public static func encoded(_ bytes: [UInt8]) -> String {
        guard !bytes.isEmpty else { return "" }
        let text = converted(bytes) { gnutls_base64_encode2(&$0, &$1) }
        guard let text else { fatalError("GnuTLS is out of memory") }
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads bytes; nil for what is no base 64.
    public static func decoded(_ text: some Sequence<UInt8>) -> [UInt8]? {
        let text = Array(text)
        guard !text.isEmpty else { return [] }
        return converted(text) { gnutls_base64_decode2(&$0, &$1) }
    }

    private static func converted(
        _ bytes: [UInt8],
        _ convert: (inout gnutls_datum_t, inout gnutls_datum_t) -> CInt
    ) -> [UInt8]? {
        var bytes = bytes
        return bytes.withUnsafeMutableBufferPointer { buffer in
            var given = gnutls_datum_t(data: buffer.baseAddress, size: UInt32(buffer.count))
            var made = gnutls_datum_t()
            guard convert(&given, &made) == 0 else { return nil }
            // Allocated by malloc, unless somebody tells GnuTLS otherwise.
            defer { free(made.data) }
            return Array(UnsafeBufferPointer(start: made.data, count: Int(made.size)))
        }
    }
}
