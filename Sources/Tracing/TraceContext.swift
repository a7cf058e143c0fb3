/// The place of one piece of work in a trace, as services tell each other (W3C Trace Context).
public struct TraceContext: Sendable, Equatable {
    /// The trace, 128 bits that are not all zero.
    public let trace: TraceIdentifier
    /// The piece of work, not zero.
    public let span: UInt64
    /// Whether whoever began the trace records it.
    public let isSampled: Bool

    /// - Parameters:
    ///   - trace: the trace.
    ///   - span: the piece of work, not zero.
    ///   - isSampled: whether it is recorded.
    public init(trace: TraceIdentifier, span: UInt64, isSampled: Bool) {
        self.trace = trace
        self.span = span
        self.isSampled = isSampled
    }

    /// Reads a `traceparent` field; nil if it is none, or of a version that cannot be read.
    ///
    /// - Parameter field: its bytes, without blanks around them.
    public init?(traceparent field: UnsafeBufferPointer<UInt8>) {
        // version 2, trace 32, span 16 and flags 2 digits, with `-` between them
        let dash = UInt8(ascii: "-")
        guard field.count >= 55, field[2] == dash, field[35] == dash, field[52] == dash,
            let version = Self.number(field[0..<2]), version != 0xFF,
            let high = Self.number(field[3..<19]), let low = Self.number(field[19..<35]),
            let span = Self.number(field[36..<52]), let flags = Self.number(field[53..<55])
        else { return nil }
        // Later versions may have more behind another `-`.
        guard field.count == 55 || (version > 0 && field[55] == dash) else { return nil }
        guard high | low != 0, span != 0 else { return nil }
        trace = TraceIdentifier(high: high, low: low)
        self.span = span
        isSampled = flags & 1 == 1
    }

    /// Another piece of work of the same trace.
    public func continued() -> TraceContext {
        TraceContext(trace: trace, span: .random(in: 1 ... .max), isSampled: isSampled)
    }

    /// The field that says it to others.
    public var traceparent: String {
        "00-\(trace.text)-\(span.hexadecimal)-\(isSampled ? "01" : "00")"
    }

    /// Lower-case hexadecimal digits as a number; others are not allowed.
    private static func number(_ digits: Slice<UnsafeBufferPointer<UInt8>>) -> UInt64? {
        var number: UInt64 = 0
        for digit in digits {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                number = number << 4 | UInt64(digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"):
                number = number << 4 | UInt64(digit - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return number
    }
}

/// The name of a trace.
public struct TraceIdentifier: Sendable, Equatable {
    let high: UInt64
    let low: UInt64

    /// - Parameters:
    ///   - high: its first 64 bits.
    ///   - low: its last.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// A new one.
    public static func random() -> TraceIdentifier {
        TraceIdentifier(high: .random(in: .min ... .max), low: .random(in: 1 ... .max))
    }

    /// As 32 lower-case hexadecimal digits.
    public var text: String { high.hexadecimal + low.hexadecimal }
}

extension UInt64 {
    /// As 16 lower-case hexadecimal digits.
    var hexadecimal: String {
        let digits = String(self, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
