/// The scalar at `index` and how many bytes it takes.
///
/// Text is validated before it comes here; should malformed bytes come all the same, each is read
/// as U+FFFD, so that nothing is read out of bounds.
///
/// - Complexity: O(1); allocates nothing.
@inlinable
public func decodeScalar(
    _ utf8: UnsafeBufferPointer<UInt8>,
    at index: Int
) -> (scalar: Unicode.Scalar, length: Int) {
    let first = UInt32(utf8[index])
    let length: Int
    var value: UInt32
    let least: UInt32
    switch first {
    case 0..<0x80: return (Unicode.Scalar(UInt8(first)), 1)
    case 0xC2..<0xE0: (length, value, least) = (2, first & 0x1F, 0x80)
    case 0xE0..<0xF0: (length, value, least) = (3, first & 0x0F, 0x800)
    case 0xF0..<0xF5: (length, value, least) = (4, first & 0x07, 0x10000)
    default: return ("\u{FFFD}", 1)
    }
    guard length <= utf8.count - index else { return ("\u{FFFD}", 1) }
    for offset in 1..<length {
        let byte = UInt32(utf8[index + offset])
        guard byte & 0xC0 == 0x80 else { return ("\u{FFFD}", 1) }
        value = value << 6 | byte & 0x3F
    }
    // Overlong forms and surrogates are malformed too.
    guard value >= least, let scalar = Unicode.Scalar(value) else { return ("\u{FFFD}", 1) }
    return (scalar, length)
}
