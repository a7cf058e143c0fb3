/// What a terminal or a log is shown of text that somebody else wrote, such as a label of a file.
///
/// Control characters could drive a terminal or forge a line, and changes of direction could
/// reverse what a reader sees. So those that no label may have are spelled out.
public enum Printable {
    /// The text with its control characters, line ends and changes of direction by their codes,
    /// such as `a<U+001B>b`.
    ///
    /// - Parameters:
    ///   - text: what somebody else wrote.
    ///   - keptCharacters: control characters that stay, such as the line ends of a page.
    /// - Returns: the text itself if nothing is to be spelled out.
    public static func text(
        _ text: String,
        keeping keptCharacters: Set<Unicode.Scalar> = []
    ) -> String {
        func mustEscape(_ scalar: Unicode.Scalar) -> Bool {
            scalar.breaksLabel && !keptCharacters.contains(scalar)
        }
        guard text.unicodeScalars.contains(where: mustEscape) else { return text }
        return text.unicodeScalars.reduce(into: "") { shown, scalar in
            if mustEscape(scalar) {
                shown += "<\(scalar.code)>"
            } else {
                shown.unicodeScalars.append(scalar)
            }
        }
    }

    /// A page of text: line feeds and tabs stay.
    public static func page(_ text: String) -> String {
        Self.text(text, keeping: ["\n", "\t"])
    }

    /// JSON of the same value, whose strings hold none of these characters but as escapes.
    ///
    /// - Parameter json: valid JSON; what stands between its strings stays.
    /// - Returns: the same bytes if nothing is to be escaped.
    public static func json(_ json: [UInt8]) -> [UInt8] {
        // Strings have no lower control characters unescaped. DEL, and the first byte of what comes
        // in several: C1 as C2 80 to C2 9F, the others as E2 80 and E2 81.
        guard json.contains(where: { $0 == 0x7F || $0 == 0xC2 || $0 == 0xE2 }) else { return json }
        var shown: [UInt8] = []
        shown.reserveCapacity(json.count + 16)
        for scalar in String(decoding: json, as: UTF8.self).unicodeScalars {
            if scalar.value >= 0x7F && scalar.breaksLabel {
                let digits = String(scalar.value, radix: 16)
                let zeros = String(repeating: "0", count: 4 - digits.count)
                shown += Array("\\u\(zeros)\(digits)".utf8)
            } else {
                shown += Array(UTF8.encode(scalar) ?? UTF8.EncodedScalar())
            }
        }
        return shown
    }
}
