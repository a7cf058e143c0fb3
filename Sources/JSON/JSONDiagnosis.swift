/// Finds out where and how bytes break the rules, after simdjson has refused them.
///
/// A plain reading of RFC 8259, byte by byte; no speed is needed. It keeps its own stack of open
/// containers, so hostile nesting cannot overflow the thread's.
struct JSONDiagnosis {
    private let bytes: UnsafeRawBufferPointer
    private let maximumDepth: Int
    private var position = 0
    /// The closing brackets that are due, the innermost last.
    private var closers: [UInt8] = []

    init(bytes: UnsafeRawBufferPointer, maximumDepth: Int) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
    }

    /// The first thing that is wrong.
    ///
    /// - Precondition: something is. (If not, the two readers disagree, and the sentence says so.)
    mutating func run() -> JSONError {
        if startsWithByteOrderMark { return .byteOrderMark }
        if let offset = firstInvalidUTF8(in: bytes) { return .notUTF8(offset: offset) }
        do throws(JSONError) {
            skipSpace()
            if position == bytes.count { return .empty }
            try readDocument()
        } catch {
            return error
        }
        return .syntax(offset: bytes.count, problem: "it cannot be read")
    }

    /// Whether a document's first bytes are a mark; UTF-16 is also told by its zero bytes.
    private var startsWithByteOrderMark: Bool {
        bytes.starts(with: [0xEF, 0xBB, 0xBF]) || bytes.starts(with: [0xFE, 0xFF])
            || bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0x00, 0x00, 0xFE, 0xFF])
    }

    /// Reads values and the punctuation between them until the outermost value is complete.
    private mutating func readDocument() throws(JSONError) {
        var isAtValue = true
        while true {
            if isAtValue {
                isAtValue = try readValueStart()
            } else if closers.isEmpty {
                skipSpace()
                if position < bytes.count { throw .trailingBytes(offset: position) }
                return
            } else {
                isAtValue = try readAfterValue()
            }
        }
    }

    /// Reads a scalar, or a container's start.
    ///
    /// Returns whether a value must follow.
    private mutating func readValueStart() throws(JSONError) -> Bool {
        skipSpace()
        switch peek {
        case UInt8(ascii: "{"):
            try open(closer: UInt8(ascii: "}"))
            skipSpace()
            if peek == UInt8(ascii: "}") {
                close()
                return false
            }
            try readKey()
            return true
        case UInt8(ascii: "["):
            try open(closer: UInt8(ascii: "]"))
            skipSpace()
            if peek == UInt8(ascii: "]") {
                close()
                return false
            }
            return true
        case UInt8(ascii: "\""):
            try readString()
        case UInt8(ascii: "t"):
            try readWord("true")
        case UInt8(ascii: "f"):
            try readWord("false")
        case UInt8(ascii: "n"):
            try readWord("null")
        case let byte? where byte == UInt8(ascii: "-") || Self.isDigit(byte):
            try readNumber()
        default:
            throw expected("a value")
        }
        return false
    }

    /// Reads a comma (and the next key) or a closing bracket.
    ///
    /// Returns whether a value must follow.
    private mutating func readAfterValue() throws(JSONError) -> Bool {
        let closer = closers[closers.count - 1]
        skipSpace()
        if peek == closer {
            close()
            return false
        }
        guard peek == UInt8(ascii: ",") else {
            throw expected("',' or '\(Character(Unicode.Scalar(closer)))'")
        }
        position += 1
        if closer == UInt8(ascii: "}") {
            skipSpace()
            try readKey()
        }
        return true
    }

    private mutating func open(closer: UInt8) throws(JSONError) {
        guard closers.count < maximumDepth else {
            throw .tooDeep(limit: maximumDepth, offset: position)
        }
        closers.append(closer)
        position += 1
    }

    private mutating func close() {
        closers.removeLast()
        position += 1
    }

    /// Reads a member's key and its colon.
    private mutating func readKey() throws(JSONError) {
        guard peek == UInt8(ascii: "\"") else { throw expected("a key in double quotes") }
        try readString()
        skipSpace()
        guard peek == UInt8(ascii: ":") else { throw expected("':'") }
        position += 1
    }

    private mutating func readWord(_ word: StaticString) throws(JSONError) {
        for index in 0..<word.utf8CodeUnitCount {
            guard peek == word.utf8Start[index] else { throw expected("'\(word)'") }
            position += 1
        }
        try endScalar()
    }

    /// A word or number must not run into further text.
    private func endScalar() throws(JSONError) {
        switch peek {
        case nil, 0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"):
            return
        default:
            if closers.isEmpty { throw .trailingBytes(offset: position) }
            throw expected("',' or a closing bracket")
        }
    }

    private mutating func readString() throws(JSONError) {
        let start = position
        position += 1
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return
            case UInt8(ascii: "\\"):
                try readEscape()
            case 0..<0x20:
                throw .syntax(offset: position, problem: "a control character must be escaped")
            default:
                position += 1
            }
        }
        throw .syntax(offset: start, problem: "the string does not end")
    }

    private mutating func readEscape() throws(JSONError) {
        let start = position
        position += 1
        switch peek {
        case UInt8(ascii: "u"):
            let unit = try readUnit(from: start)
            guard (0xD800...0xDFFF).contains(unit) else { return }
            let isPair =
                unit < 0xDC00 && peek == UInt8(ascii: "\\")
                && position + 1 < bytes.count && bytes[position + 1] == UInt8(ascii: "u")
            guard isPair else { throw .syntax(offset: start, problem: "a surrogate is alone") }
            let second = position
            position += 1
            guard (0xDC00...0xDFFF).contains(try readUnit(from: second)) else {
                throw .syntax(offset: start, problem: "a surrogate is alone")
            }
        case let byte? where Array("\"\\/bfnrt".utf8).contains(byte):
            position += 1
        default:
            throw .syntax(offset: start, problem: "there is no such escape")
        }
    }

    /// Reads `u` and four hexadecimal digits.
    private mutating func readUnit(from start: Int) throws(JSONError) -> Int {
        position += 1
        var unit = 0
        for _ in 0..<4 {
            guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw .syntax(offset: start, problem: "\\u needs four hexadecimal digits")
            }
            unit = unit * 16 + digit
            position += 1
        }
        return unit
    }

    private mutating func readNumber() throws(JSONError) {
        let start = position
        if peek == UInt8(ascii: "-") { position += 1 }
        let isInteger = try readNumberGrammar()
        try endScalar()
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        let fits =
            isInteger
            ? Int64(text) != nil || UInt64(text) != nil : Double(text)?.isFinite == true
        if !fits { throw .numberOutOfRange(offset: start) }
    }

    /// Reads digits, fraction and exponent.
    ///
    /// Returns whether there were only digits.
    private mutating func readNumberGrammar() throws(JSONError) -> Bool {
        let first = position
        try readDigits()
        if position > first + 1, bytes[first] == UInt8(ascii: "0") {
            throw .syntax(offset: first, problem: "a number must not start with 0")
        }
        var isInteger = true
        if peek == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            try readDigits()
        }
        if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
            isInteger = false
            position += 1
            if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { position += 1 }
            try readDigits()
        }
        return isInteger
    }

    private mutating func readDigits() throws(JSONError) {
        let start = position
        while let byte = peek, Self.isDigit(byte) { position += 1 }
        if position == start { throw expected("a digit") }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
            position += 1
        }
    }

    private func expected(_ what: String) -> JSONError {
        .syntax(
            offset: position,
            problem: position < bytes.count ? "expected \(what)" : "it ends where \(what) is due"
        )
    }
}

/// The offset of the first byte that belongs to no well-formed UTF-8 sequence (Unicode 15,
/// table 3-7); nil when there is none.
package func firstInvalidUTF8(in bytes: UnsafeRawBufferPointer) -> Int? {
    var position = 0
    while position < bytes.count {
        let lead = bytes[position]
        let (length, second): (Int, ClosedRange<UInt8>)
        switch lead {
        case 0x00...0x7F:
            position += 1
            continue
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        default: return position
        }
        guard position + length <= bytes.count, second.contains(bytes[position + 1]) else {
            return position
        }
        for offset in 2..<max(length, 2) where bytes[position + offset] & 0xC0 != 0x80 {
            return position
        }
        position += length
    }
    return nil
}
