import Examples
import Testing

/// What is written is what is read back.
@Suite struct ExampleWriterTests {
    private func roundTrip(_ rows: [Example], _ format: ExampleFormat) throws -> [Example] {
        let writer = ExampleWriter(format)
        var bytes = writer.header
        for row in rows { writer.write(row, source: "feedback", to: &bytes) }
        return try ExampleReader.read(bytes, format: format).examples
    }

    @Test(
        "texts that a format could take for something else come back",
        arguments: [
            "plain", "a, b", "a\tb", "a;b|c", "he said \"no\"", "\"", "\"\"", "\"quoted\"",
            "two\nlines", "old\rline ends", "both\r\nof them", "ends with\n", "\nbegins",
            "  leading",
            "trailing  ", "\tboth\t", "=1+1", "+1", "-1", "@cmd", "=HYPERLINK(\"http://x\")",
            "text",
            "label", "__label__x y", "{\"text\":\"a\"}", "[1]", "null", "NA", "#comment",
            "'single'",
            "sep=;", "\\n", "\\", "a\u{2028}b", "naïve \u{1F600}", "\u{FEFF}mark", "a,b,c,d",
            "\u{7}",
        ]
    )
    func comesBack(_ text: String) throws {
        for format in ExampleWriter.formats {
            for label in ["a", "label", "text", "two words", "a,b", "say \"x\"", "=1", "source"] {
                let rows = [
                    Example(label: label, text: text), Example(label: "other", text: "between"),
                    Example(label: "other", text: text),
                ]
                #expect(try roundTrip(rows, format) == rows, "\(format) \(label)")
            }
        }
    }

    @Test("random rows come back from every format", arguments: 0..<60)
    func randomRows(seed: UInt64) throws {
        var state = seed
        func next(_ limit: UInt64) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % Int(limit)
        }
        let pieces = [
            "a", "b", "word", " ", "  ", "\t", "\n", "\r", "\r\n", "\"", "\"\"", ",", ";", "|", "=",
            "'", "\\", "é", "ß", "\u{1F600}", "label",
            "text", "__label__", "{", "}", ":", "0", "1",
        ]
        func text(_ count: Int) -> String {
            "x" + (0..<count).map { _ in pieces[next(UInt64(pieces.count))] }.joined() + "y"
        }
        let labels = (0...next(4)).map { "l\($0)" } + ["label", "a,b", "q\"q"]
        let rows = (0..<(1 + next(40))).map { row in
            Example(label: labels[next(UInt64(labels.count))], text: "\(row)" + text(next(12)))
        }
        for format in ExampleWriter.formats {
            #expect(try roundTrip(rows, format) == rows, "\(format)")
        }
    }

    @Test("the forms are those that other programs write")
    func forms() {
        func written(_ format: ExampleFormat, _ text: String) -> String {
            let writer = ExampleWriter(format)
            var bytes = writer.header
            writer.write(Example(label: "a", text: text), source: "train", to: &bytes)
            return String(decoding: bytes, as: UTF8.self)
        }
        #expect(written(.csv, "x y") == "label,text,source\na,\"x y\",train\n")
        #expect(written(.tsv, "x, y") == "label\ttext\tsource\na\tx, y\ttrain\n")
        #expect(written(.tsv, "x\"y") == "label\ttext\tsource\na\t\"x\"\"y\"\ttrain\n")
        #expect(
            written(.jsonLines, "x\n") == #"{"label":"a","text":"x\n","source":"train"}"# + "\n"
        )
    }
}
