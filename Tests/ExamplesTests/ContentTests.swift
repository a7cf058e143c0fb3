import Examples
import Foundation
import Testing

/// What is said of bytes that are no UTF-8 text, and which bytes end a line.
@Suite struct ContentTests {
    private static let rows = "label,text\nbilling,caf\u{E9} ferm\u{E9}\nbug,the app crashes\n"

    private static func wide(_ unit: Int, isLittle: Bool, mark: Bool) -> [UInt8] {
        let scalars = (mark ? [0xFEFF] : []) + rows.unicodeScalars.map(\.value)
        return scalars.flatMap { value in
            let bytes = (0..<unit).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) }
            return isLittle ? bytes : bytes.reversed()
        }
    }

    private static let foreign: [(bytes: [UInt8], line: Int, says: [String])] = [
        (wide(2, isLittle: true, mark: true), 1, ["UTF-16 (little", "iconv -f UTF-16 -t UTF-8"]),
        (wide(2, isLittle: false, mark: true), 1, ["UTF-16 (big", "iconv -f UTF-16 -t UTF-8"]),
        (wide(4, isLittle: true, mark: true), 1, ["UTF-32 (little", "iconv -f UTF-32 -t UTF-8"]),
        (wide(4, isLittle: false, mark: true), 1, ["UTF-32 (big", "iconv -f UTF-32 -t UTF-8"]),
        (wide(2, isLittle: true, mark: false), 1, ["without a mark", "-f UTF-16LE"]),
        (wide(2, isLittle: false, mark: false), 1, ["without a mark", "-f UTF-16BE"]),
        (wide(4, isLittle: true, mark: false), 1, ["without a mark", "-f UTF-32LE"]),
        ([0x1F, 0x8B, 8, 0], 1, ["gzip", "gunzip"]), (Array("BZh9".utf8), 1, ["bunzip2"]),
        ([0x28, 0xB5, 0x2F, 0xFD, 0], 1, ["unzstd"]),
        (Array("PK\u{3}\u{4}\u{14}\0 a book".utf8), 1, ["workbook (xlsx", "CSV UTF-8"]),
        ([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1], 1, ["xls", "CSV UTF-8"]),
        (
            rows.unicodeScalars.map { UInt8($0.value) }, 2,
            ["0xE9", "iconv -f WINDOWS-1252 -t UTF-8"]
        ),
        (Array("a,you won ".utf8) + [0xA3] + Array("900\nb,x\n".utf8), 1, ["WINDOWS-1252"]),
        (Array("a,x\rb,y\r\nc,".utf8) + [0x93, 0x68, 0x69, 0x94], 3, ["0x93", "WINDOWS-1252"]),
        // Cyrillic in Windows-1251 is not Western European, and Japanese in Shift-JIS neither.
        (Array("a,".utf8) + [0xEF, 0xF0, 0xE8, 0xE2, 0xE5, 0xF2], 1, ["iconv -f ENCODING"]),
        (Array("a,".utf8) + [0x83, 0x65, 0x83, 0x81, 0x81, 0x5B], 1, ["iconv -f ENCODING"]),
        (Array("\n<!DOCTYPE html><html>".utf8), 1, ["HTML"]),
        // One Latin-1 byte in a file that is UTF-8 otherwise.
        (
            Array("a,café é ü\nb,ça\nc,caf".utf8) + [0xE9, 0x0A], 3,
            ["mend this line", "iconv -c"]
        ),
    ]

    @Test("names what a file is instead of UTF-8 text once, with the way out", arguments: 0..<19)
    func names(index: Int) throws {
        let (bytes, line, says) = Self.foreign[index]
        for format in [ExampleFormat.csv, .tsv, .jsonLines, .fastText] {
            let errors = #expect(throws: RowErrors.self) {
                try ExampleReader.read(bytes, format: format)
            }
            let error = try #require(errors)
            #expect(error.count == 1 && error.first[0].line == line, "\(error)")
            for part in says { #expect(error.description.contains(part), "\(error)") }
            #expect(error.description.hasSuffix(".") && !error.description.hasSuffix(".."))
        }
    }

    @Test("finds the first byte that is no UTF-8 as the standard library does")
    func findsInvalidBytes() {
        var state: UInt64 = 3
        let alphabet: [UInt8] = [
            0x41, 0x41, 0x41, 0x80, 0xBF, 0xC0, 0xC3, 0xA9, 0xE0, 0xA0, 0xE2, 0x82, 0xAC, 0xED,
            0x9F,
            0xF0, 0x9F, 0x98, 0x80, 0xF4, 0x8F, 0xF5, 0xFF,
        ]
        for _ in 0..<20_000 {
            let bytes = (0..<12).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return alphabet[Int(state >> 33) % alphabet.count]
            }
            let found = bytes.withUnsafeBufferPointer(ContentCheck.firstInvalidByte(in:))
            #expect((found == nil) == (String(validating: bytes, as: UTF8.self) != nil))
            if let found {
                #expect(String(validating: bytes[..<found], as: UTF8.self) != nil)
            }
        }
    }

    private static let ends: [(format: ExampleFormat, text: String)] = [
        (.csv, "good,i am happy\rbad,this is sad\r"), (.tsv, "good\ti am happy\rbad\tthis is sad"),
        (.csv, "label,text\rgood,i am happy\r\nbad,this is sad\n"),
        (
            .jsonLines,
            "{\"label\":\"good\",\"text\":\"i am happy\"}\r"
                + "{\"label\":\"bad\",\"text\":\"this is sad\"}\r"
        ),
        (.fastText, "__label__good i am happy\r__label__bad this is sad\r"),
        (.fastText, "\r\n__label__good i am happy\n\r\r\n__label__bad this is sad"),
        // A byte-order mark in the middle of joined files.
        (.csv, "\u{FEFF}good,i am happy\n\u{FEFF}bad,this is sad\n"),
        (.csv, "\u{FEFF}text,label\ni am happy,good\n\u{FEFF}this is sad,bad\n"),
        (.tsv, "good\ti am happy\n\u{FEFF}bad\tthis is sad\n"),
        (
            .jsonLines,
            "\u{FEFF}{\"label\":\"good\",\"text\":\"i am happy\"}\n"
                + "\u{FEFF}{\"label\":\"bad\",\"text\":\"this is sad\"}\n"
        ),
        (.fastText, "\u{FEFF}__label__good i am happy\n\u{FEFF}__label__bad this is sad\n"),
    ]

    @Test("CR alone ends a line, and a mark may begin any", arguments: 0..<11)
    func endsLines(index: Int) throws {
        let (format, text) = Self.ends[index]
        let rows = try ExampleReader.read(Array(text.utf8), format: format).examples
        #expect(
            rows == [
                Example(label: "good", text: "i am happy"),
                Example(label: "bad", text: "this is sad"),
            ]
        )
    }

    @Test(
        "a header that stands there again is skipped and noted",
        arguments: [
            ("label,text\na,x\nlabel,text\nb,y\n", ["line 3"]),
            ("text;label\nx;a\n\u{FEFF}text;label\ny;b\ntext;label\n", ["line 3", "line 5"]),
            ("Label\tText\na\tx\n\nLabel\tText\nb\ty\n", ["line 4"]),
        ]
    )
    func skipsHeaders(text: String, lines: [String]) throws {
        let file = try ExampleReader.read(Array(text.utf8), format: .csv)
        #expect(file.examples == [.init(label: "a", text: "x"), .init(label: "b", text: "y")])
        #expect(file.notes == lines.map { "\($0): the header stands here again and was skipped." })
    }

    @Test("a second header in another order is refused")
    func refusesOtherHeaders() {
        let text = "label,text\na,x\ntext,label\ny,b\n"
        let error = #expect(throws: RowErrors.self) { try ExampleReader.read(Array(text.utf8)) }
        #expect(error?.description.contains("another order") == true)
        #expect(error?.first.first?.line == 3)
    }
}
