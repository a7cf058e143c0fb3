import ClassificationService
import Foundation
import Logging
import Testing

@Suite struct LineLogHandlerTests {
    static let nasty = [
        "a\r\nb", "\u{1b}[31mred", "\"quoted\" \\", "\u{0}\u{7f}\u{85}\u{2028}", "", "a=b c",
        String(repeating: "x", count: 1 << 16), "🙂 漢字",
    ]

    @Test("a JSON line is one object on one line, whatever it holds", arguments: nasty)
    func json(value: String) throws {
        let line = LineLogHandler.json(
            "now",
            .info,
            value,
            [("fact", .string(value)), ("time", "no")]
        )
        #expect(line.last == 0x0A)
        #expect(line.dropLast().allSatisfy { $0 >= 0x20 })
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(line)) as? [String: String]
        )
        #expect(object == ["time": "now", "level": "info", "event": value, "fact": value])
    }

    @Test(
        "a plain line is one line without control characters, whatever it holds",
        arguments: nasty
    )
    func plain(value: String) {
        let line = LineLogHandler.plain("now", .error, "event", [("fact", .string(value))])
        let text = String(decoding: line, as: UTF8.self)
        #expect(text.hasPrefix("now error event fact="))
        let controls = text.unicodeScalars.dropLast().filter {
            $0.properties.generalCategory == .control
        }
        #expect(controls.isEmpty)
        #expect(line.last == 0x0A)
    }
}
