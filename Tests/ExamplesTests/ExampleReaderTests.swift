import Examples
import Testing

private func read(
    _ text: String,
    _ format: ExampleFormat? = nil,
    source: String? = nil
) throws(RowErrors) -> [Example] {
    try ExampleReader.read(Array(text.utf8), format: format, source: source).examples
}

private func errors(
    _ text: String,
    _ format: ExampleFormat,
    source: String? = nil
) -> [String] {
    do throws(RowErrors) {
        _ = try read(text, format, source: source)
        return []
    } catch {
        return error.description.split(separator: "\n").map(String.init)
    }
}

private let two = [
    Example(label: "good", text: "i am happy"), Example(label: "bad", text: "this is sad"),
]

@Suite struct ExampleReaderTests {
    @Test(
        "the same rows come out of every format",
        arguments: [
            "good\ti am happy\nbad\tthis is sad\n",
            "\u{FEFF}good\ti am happy\r\n\r\nbad\tthis is sad",
            "Text\tid\tLabel\ni am happy\t1\tgood\nthis is sad\t2\tbad\n",
            "good,i am happy\nbad,this is sad\n",
            "\"good\",\"i am happy\"\r\n\"bad\",\"this is sad\"\r\n",
            "label,text\r\ngood,i am happy\r\n\r\nbad,\"this is sad\"\r\n",
            "id,text,label\n7,i am happy,good\n8,this is sad,bad",
            "{\"text\":\"i am happy\",\"label\":\"good\"}\n"
                + "{\"label\":\"bad\",\"id\":1,\"text\":\"this is sad\"}",
            "__label__good i am happy\n__label__bad  this is sad \n",
        ]
    )
    func readsEveryFormat(text: String) throws {
        #expect(try read(text) == two)
        #expect(ExampleSet.digest(of: try read(text)) == ExampleSet.digest(of: two))
    }

    @Test("the file's name decides on the format, then the first line")
    func detects() {
        func detect(_ name: String?, _ text: String) -> ExampleFormat {
            Array(text.utf8).withUnsafeBytes {
                ExampleReader.detectFormat(fileName: name, bytes: $0)
            }
        }
        #expect(detect("a/b.TSV", "x,y") == .tsv)
        #expect(detect("b.csv", "x\ty") == .csv)
        #expect(detect("b.jsonl", "") == .jsonLines && detect("b.ndjson", "") == .jsonLines)
        #expect(detect("b.ft", "") == .fastText)
        #expect(detect("b.txt", "\n\n{\"text\":1}") == .jsonLines)
        #expect(detect(nil, "__label__a b") == .fastText)
        #expect(detect(nil, "a\tb, c") == .tsv && detect(nil, "a,b") == .csv)
        #expect(ExampleFormat.allCases.map(\.rawValue) == ["tsv", "csv", "jsonl", "fasttext"])
    }

    @Test("CSV keeps commas, line ends, doubled quotes and inner quotes")
    func readsQuotes() throws {
        let text =
            "a,\"one, two\nthree \"\"four\"\"\r\nfive\"\nb,say \"hi\"\nc,\"\"\"\"\nd,x\"\"y\n"
        #expect(
            try read(text, .csv) == [
                Example(label: "a", text: "one, two\nthree \"four\"\r\nfive"),
                Example(label: "b", text: "say \"hi\""), Example(label: "c", text: "\""),
                Example(label: "d", text: "x\"\"y"),
            ]
        )
    }

    @Test("a text that is one of the header's names is an example all the same")
    func judgesHeaders() throws {
        #expect(try read("content,how do i change it", .csv).count == 1)
        #expect(try read("text\ti want to send a text", .tsv).count == 1)
        #expect(try read("a\tx\nb\ty\n", .tsv).count == 2)
    }

    @Test("names file, line, field and what is wrong, all rows at once")
    func namesRows() {
        let tab = "a text that contains a tab must stand in quotes, or use CSV or JSON lines."
        #expect(
            errors("a\tx\n\tno label\nb\t  \n\nc\nd\te\tf\n", .tsv, source: "r.tsv") == [
                "r.tsv:2: the label is empty.", "r.tsv:3: the text is empty.",
                "r.tsv:5: the row has 1 column, expected label TAB text; a comma, "
                    + "semicolon, tab or | must divide the columns.",
                "r.tsv:6: the row has 3 columns, expected label TAB text; \(tab)",
            ]
        )
        #expect(
            errors("a,\"x\ny\"\nb,\"x\" y,z\nc,one, two\nd,\"open\n\n", .csv, source: "r.csv") == [
                "r.csv:3: text follows a closing quote; double a quote that belongs to the text.",
                "r.csv:4: the row has 3 columns, expected label,text; "
                    + "put a text that contains \",\" in quotes.",
                "r.csv:5: the quoted field does not end; close its quote, or double a quote of the "
                    + "text.",
            ]
        )
    }

    @Test("describes the first 20 errors and counts all")
    func limitsErrors() {
        let lines = errors(String(repeating: "a\n", count: 50), .tsv)
        #expect(lines.count == 21 && lines.last == "… and 30 more rows.")
    }

    @Test("refuses invalid UTF-8 by its line", arguments: ExampleFormat.allCases)
    func refusesInvalidUTF8(format: ExampleFormat) {
        let rows: [(String, String)] = [("a", "fine"), ("b", "x")]
        var bytes: [UInt8] = []
        for (label, text) in rows {
            let (start, end) =
                switch format {
                case .tsv: ("\(label)\t\(text)", "\n")
                case .csv: ("\(label),\(text)", "\n")
                case .jsonLines: ("{\"label\":\"\(label)\",\"text\":\"\(text)", "\"}\n")
                case .fastText: ("__label__\(label) \(text)", "\n")
                }
            bytes += Array(start.utf8) + (label == "b" ? [0xC3] : []) + Array(end.utf8)
        }
        let error = #expect(throws: RowErrors.self) {
            try ExampleReader.read(bytes, format: format)
        }
        #expect(error?.count == 1 && error?.first.first?.line == 2)
        #expect(error?.description.contains("valid UTF-8") == true)
    }

    @Test(
        "refuses labels that are too long and files without rows, keeps the start of long texts"
    )
    func limitsSizes() throws {
        let label = String(repeating: "\u{4E2D}", count: 257)
        #expect(
            errors("\(label)\tx\n", .tsv) == [
                "line 1: the label has 257 characters; at most 256 are allowed."
            ]
        )
        #expect(errors("\(label.dropLast())\tx\n", .tsv).isEmpty)
        let text = String(repeating: "é ", count: 1 << 19)
        let kept = try ExampleReader.read(Array("a\t\(text)\n".utf8), format: .tsv).examples
        #expect(text.hasPrefix(kept[0].text) && kept[0].text.utf8.count == (1 << 20) - 2)
        #expect(errors("{\"label\":\"a\\u0007\",\"text\":\"x\"}", .jsonLines).count == 1)
        for format in ExampleFormat.allCases {
            #expect(errors("\n \r\n", format) == ["line 1: there are no examples."])
            #expect(errors("", format) == ["line 1: there are no examples."])
        }
        #expect(errors("label,text\n", .csv) == ["line 1: there is a header and no row below it."])
    }

    @Test("the digest depends on every byte, on order and on the borders of fields")
    func digests() {
        let sets: [[Example]] = [
            two, two.reversed(), [two[0]], [], [Example(label: "good", text: "i am happy ")],
            [Example(label: "goodi", text: " am happy")],
            [Example(label: "goo", text: "di am happy")],
        ]
        #expect(Set(sets.map { ExampleSet.digest(of: $0) }).count == sets.count)
        #expect(
            ExampleSet.digest(of: [Example]())
                == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        )
    }

    @Test("hostile bytes are read or refused")
    func survivesHostileBytes() {
        var state: UInt64 = 7
        let alphabet = Array("\",\t\n\r{}:_label\\ab\u{FEFF}".utf8) + [0, 0xFF, 0xC3]
        for _ in 0..<3_000 {
            let bytes = (0..<60).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return alphabet[Int(state >> 33) % alphabet.count]
            }
            for format in ExampleFormat.allCases {
                let rows = try? ExampleReader.read(bytes, format: format).examples
                #expect(rows?.isEmpty != true)
            }
        }
    }
}
