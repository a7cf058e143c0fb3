/// A text as PostgreSQL can keep it: it takes every character but NUL.
///
/// A NUL becomes the noncharacter U+10FFFE and a digit, and that noncharacter becomes itself and
/// another digit. So different texts stay different, and equal ones equal.
enum StoredText {
    private static let escape: [UInt8] = [0xF4, 0x8F, 0xBF, 0xBE]
    private static let (nul, itself) = (UInt8(ascii: "0"), UInt8(ascii: "1"))

    /// Appends a text to bytes for the server.
    static func append(_ text: String, to bytes: inout [UInt8]) {
        let utf8 = text.utf8
        guard utf8.contains(where: { $0 == 0 || $0 == escape[0] }) else {
            return bytes.append(contentsOf: utf8)
        }
        let start = bytes.count
        for byte in utf8 {
            if byte == 0 {
                bytes += escape + [nul]
            } else {
                bytes.append(byte)
                if bytes.count - start >= 4 && bytes.suffix(4).elementsEqual(escape) {
                    bytes.append(itself)
                }
            }
        }
    }

    /// The text that bytes of the server stand for.
    static func text(_ bytes: UnsafeRawBufferPointer) -> String {
        guard bytes.contains(escape[0]) else { return String(decoding: bytes, as: UTF8.self) }
        var kept: [UInt8] = []
        kept.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[index...])
            if rest.count > 4 && rest.prefix(4).elementsEqual(escape) {
                kept += rest[4] == nul ? [0] : escape
                index += 5
            } else {
                kept.append(rest[0])
                index += 1
            }
        }
        return String(decoding: kept, as: UTF8.self)
    }
}
