internal import JSON

/// A number in a path or query: digits without leading zeros, so that each version has one path.
func pathNumber(_ text: String) -> Int? {
    guard let first = text.utf8.first, first != UInt8(ascii: "0"), text.utf8.count <= 16,
        text.utf8.allSatisfy({ $0 &- 0x30 < 10 })
    else { return nil }
    return Int(text).flatMap { $0 <= JSONValue.largestExactInteger ? $0 : nil }
}
