/// Writes one JSON document, compact, as UTF-8 bytes.
///
/// It puts the commas itself. Numbers are written in the shortest form that reads back to the
/// same value. Wrong nesting and numbers that JSON cannot hold are mistakes of the program and
/// stop it.
public struct JSONWriter: Sendable {
    /// What has been written so far.
    public private(set) var bytes: [UInt8] = []
    private var needsComma = false
    private var needsNewline = false
    private var depth = 0

    /// Starts an empty document.
    public init() {}

    /// Starts an empty document with room for `capacity` bytes.
    public init(capacity: Int) {
        bytes.reserveCapacity(capacity)
    }

    /// Ends the document.
    ///
    /// - Precondition: every object and array has been ended.
    public consuming func finish() -> [UInt8] {
        precondition(depth == 0, "\(depth) objects or arrays have not been ended")
        return bytes
    }

    /// Starts an object.
    public mutating func beginObject() { begin(UInt8(ascii: "{")) }
    /// Ends the innermost object.
    public mutating func endObject() { end(UInt8(ascii: "}")) }
    /// Starts an array.
    public mutating func beginArray() { begin(UInt8(ascii: "[")) }
    /// Ends the innermost array.
    public mutating func endArray() { end(UInt8(ascii: "]")) }

    /// Writes a member's key; its value must follow.
    public mutating func key(_ key: String) {
        string(key)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Writes a text.
    public mutating func string(_ text: String) {
        var text = text
        text.withUTF8 { string(utf8: $0) }
    }

    /// Writes a text that is given as UTF-8 bytes, valid ones: they are not checked.
    public mutating func string(utf8: UnsafeBufferPointer<UInt8>) {
        startValue()
        bytes.append(UInt8(ascii: "\""))
        var rest = utf8[...]
        while let index = rest.firstIndex(where: Self.mustEscape) {
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: rest[..<index]))
            escape(rest[index])
            rest = rest[(index + 1)...]
        }
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: rest))
        bytes.append(UInt8(ascii: "\""))
    }

    /// Writes an integer.
    public mutating func int(_ value: Int) { scalar(value.description) }
    /// Writes an integer.
    public mutating func uint(_ value: UInt64) { scalar(value.description) }

    /// Writes a number.
    ///
    /// - Precondition: `value` is finite.
    public mutating func float(_ value: Float) {
        precondition(value.isFinite, "JSON has no \(value)")
        scalar(value.description)
    }

    /// Writes a number.
    ///
    /// - Precondition: `value` is finite.
    public mutating func double(_ value: Double) {
        precondition(value.isFinite, "JSON has no \(value)")
        scalar(value.description)
    }

    /// Writes `true` or `false`.
    public mutating func bool(_ value: Bool) { scalar(value ? "true" : "false") }
    /// Writes `null`.
    public mutating func null() { scalar("null") }

    /// Writes a value that is JSON already; it is not checked.
    public mutating func raw(_ json: [UInt8]) {
        startValue()
        bytes.append(contentsOf: json)
    }

    /// Starts a new line before what is written next, after the comma if one is due.
    public mutating func newline() { needsNewline = true }

    /// Writes an array of integers.
    public mutating func ints(_ values: [Int]) {
        beginArray()
        for value in values { int(value) }
        endArray()
    }

    private mutating func begin(_ bracket: UInt8) {
        startValue()
        bytes.append(bracket)
        needsComma = false
        depth += 1
    }

    private mutating func end(_ bracket: UInt8) {
        precondition(depth > 0, "no object or array is open")
        depth -= 1
        if needsNewline {
            bytes.append(UInt8(ascii: "\n"))
            needsNewline = false
        }
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func scalar(_ text: String) {
        startValue()
        var text = text
        text.withUTF8 { bytes.append(contentsOf: $0) }
    }

    /// Writes what separates the next value or key from what stands before it.
    private mutating func startValue() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        if needsNewline { bytes.append(UInt8(ascii: "\n")) }
        needsNewline = false
        needsComma = true
    }

    private static func mustEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func escape(_ byte: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        default:
            bytes.append(contentsOf: "u00".utf8)
            bytes.append(UInt8(ascii: "0") + byte >> 4)
            let low = byte & 0xF
            bytes.append(low < 10 ? UInt8(ascii: "0") + low : UInt8(ascii: "a") + low - 10)
        }
    }
}
