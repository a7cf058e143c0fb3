/// Reads a number as files of vectors write them: `-0.0123`, `1e-3`, `7`.
///
/// About ten times as fast as the general way, and it depends on no locale.
enum DecimalNumber {
    /// The number that `bytes` spell, to the last bit or the one before; nil if they spell none,
    /// or one that a float32 cannot hold.
    static func parse(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Float? {
        var place = bytes.startIndex
        let end = bytes.endIndex
        func peek() -> UInt8 { place < end ? bytes[place] : 0 }
        var isNegative = false
        if peek() == UInt8(ascii: "-") || peek() == UInt8(ascii: "+") {
            isNegative = peek() == UInt8(ascii: "-")
            place += 1
        }
        var digits: UInt64 = 0
        var exponent = 0
        var count = 0
        var isBehindPoint = false
        while place < end {
            let byte = bytes[place]
            if byte == UInt8(ascii: ".") && !isBehindPoint {
                isBehindPoint = true
            } else if byte &- 0x30 < 10 {
                count += 1
                // More than 18 digits are beyond any float.
                if digits < 100_000_000_000_000_000 {
                    digits = digits * 10 + UInt64(byte - 0x30)
                    if isBehindPoint { exponent -= 1 }
                } else if !isBehindPoint {
                    exponent += 1
                }
            } else {
                break
            }
            place += 1
        }
        guard count > 0 else { return nil }
        if peek() | 0x20 == UInt8(ascii: "e") {
            place += 1
            guard let power = self.exponent(bytes[place...]) else { return nil }
            exponent += power
            place = end
        }
        guard place == end else { return nil }
        let value = Float(scaled(Double(digits), exponent))
        return value.isFinite ? (isNegative ? -value : value) : nil
    }

    private static func exponent(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Int? {
        var rest = bytes[...]
        var isNegative = false
        if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            isNegative = sign == UInt8(ascii: "-")
            rest = rest.dropFirst()
        }
        guard !rest.isEmpty, rest.count <= 4 else { return nil }
        var value = 0
        for byte in rest {
            guard byte &- 0x30 < 10 else { return nil }
            value = value * 10 + Int(byte - 0x30)
        }
        return isNegative ? -value : value
    }

    private static func scaled(_ value: Double, _ exponent: Int) -> Double {
        var (value, left) = (value, max(min(exponent, 400), -400))
        while left > 0 {
            let step = min(left, powers.count - 1)
            value *= powers[step]
            left -= step
        }
        while left < 0 {
            let step = min(-left, powers.count - 1)
            value /= powers[step]
            left += step
        }
        return value
    }

    /// Powers of ten that a double holds exactly.
    private static let powers: [Double] = {
        var all = [1.0]
        for _ in 0..<22 { all.append(all[all.count - 1] * 10) }
        return all
    }()
}
