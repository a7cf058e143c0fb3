import Foundation
import Testing
import TextForm

@Suite struct PrintableTests {
    /// Every character that may drive a terminal, end a line or change the direction of text.
    static let hostile: [Unicode.Scalar] =
        (Array(0...0x1F) + Array(0x7F...0x9F) + [0x2028, 0x2029] + Array(0x202A...0x202E)
        + Array(0x2066...0x2069)).compactMap(Unicode.Scalar.init)

    static let harmless = [
        "", "plain", "naïve 漢字 🙂", "a\u{200D}b", "\u{5D0}", "\u{A0}", "â", "€",
    ]

    @Test("each hostile character is spelled out, in the middle and at both ends")
    func spelledOut() {
        for scalar in Self.hostile {
            let shown = Printable.text("\(scalar)a\(scalar)b\(scalar)")
            #expect(!shown.unicodeScalars.contains { Self.hostile.contains($0) })
            let code = String(scalar.value, radix: 16, uppercase: true)
            #expect(shown.contains("a<U+") && shown.contains(code + ">b"), "\(shown)")
        }
        #expect(Printable.text("\u{1B}[31mred\r\n") == "<U+001B>[31mred<U+000D><U+000A>")
    }

    @Test("what is harmless stays as it is", arguments: harmless)
    func stays(_ text: String) {
        #expect(Array(Printable.text(text).utf8) == Array(text.utf8))
        #expect(Printable.json(Array("\"\(text)\"".utf8)) == Array("\"\(text)\"".utf8))
    }

    @Test("a page keeps its lines and tabs, and nothing else")
    func page() {
        #expect(Printable.page("a\tb\nc\u{1B}\r") == "a\tb\nc<U+001B><U+000D>")
    }

    @Test("JSON keeps its value and loses the characters")
    func json() throws {
        for scalar in Self.hostile where scalar.value >= 0x20 {
            let json = Array("{\"a\":\"x\(scalar)y €\"}".utf8)
            let shown = Printable.json(json)
            #expect(!String(decoding: shown, as: UTF8.self).unicodeScalars.contains(scalar))
            let object = try JSONSerialization.jsonObject(with: Data(shown)) as? [String: String]
            #expect(object == ["a": "x\(scalar)y €"])
        }
    }
}
