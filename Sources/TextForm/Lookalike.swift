private import CUnistring
private import Glibc

/// Labels that a reader may take for one another.
public enum Lookalike {
    /// Equal for labels that differ only by case, width, white space, presentation form or
    /// invisible characters.
    public static func key(of label: String) -> String {
        var visible = String.UnicodeScalarView()
        visible.append(contentsOf: label.unicodeScalars.filter { !$0.isUnseen })
        var text = String(visible)
        return text.withUTF8 { utf8 in
            var count = 0
            guard let folded = elman_u8_folded(utf8.baseAddress, utf8.count, &count) else {
                return label
            }
            defer { free(folded) }
            return String(decoding: UnsafeBufferPointer(start: folded, count: count), as: UTF8.self)
        }
    }

    /// The label with its invisible characters, and white space other than a blank, by their codes,
    /// such as `a<U+00A0>b`.
    public static func spelledOut(_ label: String) -> String {
        label.unicodeScalars.map { scalar in
            scalar.isUnseen && scalar != " " ? "<\(scalar.code)>" : String(scalar)
        }.joined()
    }
}

extension Unicode.Scalar {
    /// Such as `U+00A0`.
    var code: String {
        let digits = String(value, radix: 16, uppercase: true)
        return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
