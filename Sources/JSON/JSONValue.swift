internal import CJSON

/// One value of a parsed document: a view into its parser's memory, which it keeps alive.
///
/// It may be used until the parser reads its next document; use after that stops the program.
/// Reading allocates nothing, except `string`.
public struct JSONValue {
    /// The type of a value.
    public enum Kind: Sendable {
        /// Members, each a key and a value.
        case object
        /// Elements in order.
        case array
        /// Text.
        case string
        /// A number written without fraction and exponent; it fits `Int64` or `UInt64`.
        case integer
        /// Any other number; it fits `Double`.
        case number
        /// `true` or `false`.
        case bool
        /// `null`.
        case null
    }

    let parser: JSONParser
    let index: Int
    let generation: UInt32

    init(parser: JSONParser, index: Int, generation: UInt32) {
        self.parser = parser
        self.index = index
        self.generation = generation
    }

    /// The type of this value.
    public var kind: Kind {
        switch type {
        case UInt8(ascii: "{"): .object
        case UInt8(ascii: "["): .array
        case UInt8(ascii: "\""): .string
        case UInt8(ascii: "l"), UInt8(ascii: "u"): .integer
        case UInt8(ascii: "d"): .number
        case UInt8(ascii: "n"): .null
        default: .bool
        }
    }

    /// Whether this is `null`.
    public var isNull: Bool { type == UInt8(ascii: "n") }

    /// The truth value; nil for any other type.
    public var bool: Bool? {
        switch type {
        case UInt8(ascii: "t"): true
        case UInt8(ascii: "f"): false
        default: nil
        }
    }

    /// The integer; nil for any other type and for what does not fit `Int`.
    ///
    /// `1.0` and `1e2` are no integers: whoever counts should write a count.
    public var int: Int? {
        guard type == UInt8(ascii: "l") else { return nil }
        return Int(Int64(bitPattern: tape[index + 1]))
    }

    /// The integer; nil for any other type and for negative ones.
    public var uint: UInt64? {
        switch type {
        case UInt8(ascii: "u"):
            return tape[index + 1]
        case UInt8(ascii: "l"):
            return UInt64(exactly: Int64(bitPattern: tape[index + 1]))
        default:
            return nil
        }
    }

    /// The number, integers rounded to the nearest double; nil for any other type.
    public var double: Double? {
        switch type {
        case UInt8(ascii: "d"): Double(bitPattern: tape[index + 1])
        case UInt8(ascii: "l"): Double(Int64(bitPattern: tape[index + 1]))
        case UInt8(ascii: "u"): Double(tape[index + 1])
        default: nil
        }
    }

    /// The text; nil for any other type.
    public var string: String? {
        guard let utf8 else { return nil }
        return String(decoding: utf8, as: UTF8.self)
    }

    /// The text's UTF-8 bytes, unescaped and without terminator; nil for any other type.
    ///
    /// The buffer dies at the parser's next parse.
    public var utf8: UnsafeBufferPointer<UInt8>? {
        guard type == UInt8(ascii: "\"") else { return nil }
        return text(at: index)
    }

    /// Runs `body` on the text's UTF-8 bytes without copying them; nil for any other type.
    @inlinable
    public func withUTF8<Result, Failure>(
        _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result? {
        guard let utf8 else { return nil }
        return try body(utf8)
    }

    /// The number of members or elements; 0 for what is no container.
    ///
    /// - Complexity: O(1) below 2²⁴ − 1 members, else O(members).
    public var count: Int {
        guard isContainer else { return 0 }
        let counted = Int(payload >> 32)
        guard counted == Tape.fullCounter else { return counted }
        return kind == .object ? members.reduce(0) { sum, _ in sum + 1 } : elementCount
    }

    /// The member with this key; nil when there is none or this is no object.
    ///
    /// - Complexity: O(members).
    public subscript(key: String) -> JSONValue? {
        var key = key
        return key.withUTF8 { self[utf8: $0] }
    }

    /// The member whose key has these bytes; nil when there is none or this is no object.
    ///
    /// - Complexity: O(members).
    public subscript(utf8 key: UnsafeBufferPointer<UInt8>) -> JSONValue? {
        guard type == UInt8(ascii: "{") else { return nil }
        let tape = tape
        let end = Tape.end(of: index, on: tape) - 1
        var next = index + 1
        while next < end {
            let name = text(at: next)
            if name.count == key.count, name.elementsEqual(key) { return value(at: next + 1) }
            next = Tape.index(after: next + 1, on: tape)
        }
        return nil
    }
}

extension JSONValue {
    /// The tape of the document, provided that it is still this value's.
    var tape: UnsafePointer<UInt64> {
        let document = parser.document.pointee
        precondition(
            document.generation == generation,
            "a JSONValue may not be used after its parser has read another document"
        )
        guard let tape = document.tape else {
            preconditionFailure("a JSONValue outlived its document")
        }
        return tape
    }

    var type: UInt8 { UInt8(truncatingIfNeeded: tape[index] >> 56) }

    var payload: UInt64 { tape[index] & 0x00FF_FFFF_FFFF_FFFF }

    var isContainer: Bool { type == UInt8(ascii: "{") || type == UInt8(ascii: "[") }

    func value(at index: Int) -> JSONValue {
        JSONValue(parser: parser, index: index, generation: generation)
    }

    /// The bytes of the string at `index`.
    func text(at index: Int) -> UnsafeBufferPointer<UInt8> {
        let offset = Int(tape[index] & 0x00FF_FFFF_FFFF_FFFF)
        guard let strings = parser.document.pointee.strings else {
            preconditionFailure("a JSONValue outlived its document")
        }
        let start = strings + offset
        let count = UnsafeRawPointer(start).loadUnaligned(as: UInt32.self)
        return UnsafeBufferPointer(start: start + 4, count: Int(count))
    }

    private var elementCount: Int { elements.reduce(0) { sum, _ in sum + 1 } }
}

/// Moves on simdjson's tape; its layout is described in CJSON.h.
enum Tape {
    /// A container's counter when it has at least this many members.
    static let fullCounter = 0xFF_FFFF

    /// The index just past the container at `index`.
    static func end(of index: Int, on tape: UnsafePointer<UInt64>) -> Int {
        Int(UInt32(truncatingIfNeeded: tape[index]))
    }

    /// The index just past the value at `index`.
    static func index(after index: Int, on tape: UnsafePointer<UInt64>) -> Int {
        switch UInt8(truncatingIfNeeded: tape[index] >> 56) {
        case UInt8(ascii: "{"), UInt8(ascii: "["): end(of: index, on: tape)
        case UInt8(ascii: "l"), UInt8(ascii: "u"), UInt8(ascii: "d"): index + 2
        default: index + 1
        }
    }
}
