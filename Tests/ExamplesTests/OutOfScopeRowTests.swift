import Examples
import Testing

/// Rows of texts that have none of the labels, in every format.
@Suite struct OutOfScopeRowTests {
    private static let rows = [
        Example(label: "bill", text: "my invoice"),
        Example(outOfScope: "what a day"),
        Example(label: "bug", text: "it crashes"),
        Example(outOfScope: "hy"),
    ]

    private func read(
        _ text: String,
        _ format: ExampleFormat,
        none: String? = nil,
        separator: String? = nil
    ) throws(RowErrors) -> [Example] {
        let columns = ColumnOptions(
            labelSeparator: separator,
            outOfScope: none.map { OutOfScopeLabel($0) }
        )
        return try ExampleReader.read(Array(text.utf8), format: format, columns: columns).examples
    }

    private func errors(_ text: String, _ format: ExampleFormat, none: String? = nil) -> [String] {
        do throws(RowErrors) { return ["\(try read(text, format, none: none))"] } catch {
            return error.first.map(\.description)
        }
    }

    @Test(
        "the same rows come out of every format",
        arguments: [
            (
                #"{"text":"my invoice","label":"bill"}"# + "\n"
                    + #"{"text":"what a day","label":null}"# + "\n"
                    + #"{"text":"it crashes","label":"bug"}"# + "\n"
                    + #"{"label":null,"text":"hy"}"#,
                .jsonLines, nil
            ),
            (
                #"[{"text":"my invoice","intent":"bill"},{"text":"what a day","intent":null},"#
                    + #"{"text":"it crashes","intent":"bug"},{"text":"hy","intent":null}]"#,
                .jsonLines, nil
            ),
            (
                #"[{"text":"my invoice","label":"bill"},{"text":"what a day","label":"oos"},"#
                    + #"{"text":"it crashes","label":["bug"]},{"text":"hy","label":null}]"#,
                .jsonLines, "oos"
            ),
            ("bill\tmy invoice\n\twhat a day\nbug\tit crashes\n \thy\n", .tsv, ""),
            (
                "text,label\nmy invoice,bill\nwhat a day,\nit crashes,bug\nhy,\"\"\n", .csv, ""
            ),
            (
                "label;text\nbill;my invoice\nNone;what a day\nbug;it crashes\nNone ;hy\n", .csv,
                "None"
            ),
            ("bill\tmy invoice\noos\twhat a day\nbug\tit crashes\noos\thy\n", .tsv, " oos "),
            (
                "__label__bill my invoice\n__label__oos what a day\n__label__bug it crashes\n"
                    + "__label__oos hy\n", .fastText, "oos"
            ),
            (
                "__label__bill my invoice\n__label__ what a day\n__label__bug it crashes\n"
                    + "__label__ hy\n", .fastText, ""
            ),
        ] as [(String, ExampleFormat, String?)]
    )
    func formats(text: String, format: ExampleFormat, none: String?) throws {
        #expect(try read(text, format, none: none) == Self.rows)
    }

    @Test(
        "without the option an empty label is an error that names the row",
        arguments: [
            ("bill\tmy invoice\n\twhat a day\n", .tsv, nil, "line 2: the label is empty."),
            ("text,label\ninvoice,bill\nwhat a day,\n", .csv, nil, "3: the label is empty."),
            ("text,label\ninvoice,bill\nwhat a day,\n", .csv, "oos", "3: the label is empty."),
            (#"{"text":"a","label":""}"#, .jsonLines, nil, "line 1: the label is empty."),
            (#"{"text":null,"label":null}"#, .jsonLines, nil, "the text is null, expected"),
            (#"{"text":" ","label":null}"#, .jsonLines, nil, "line 1: the text is empty."),
            (#"{"text":"a","label":[null]}"#, .jsonLines, nil, "is a list with null, expected"),
        ] as [(String, ExampleFormat, String?, String)]
    )
    func refusals(text: String, format: ExampleFormat, none: String?, problem: String) {
        let found = errors(text, format, none: none)
        #expect(found.count == 1 && found[0].contains(problem), "\(found)")
    }

    @Test("where texts may have several labels, none of them is the empty set")
    func sets() throws {
        let text =
            #"[{"text":"a","labels":["x","y"]},{"text":"b","label":null},"#
            + #"{"text":"c","labels":["oos"]},{"text":"d","labels":["oos","x"]}]"#
        let rows = try read(text, .jsonLines, none: "oos")
        #expect(ExampleSet.hasSets(rows))
        #expect(rows.map(\.labelSet.labels) == [["x", "y"], [], [], ["oos", "x"]])
        let parted = ExampleSet.parted(rows)
        #expect(parted.outOfScope.isEmpty)
        #expect(parted.labelled.map(\.labels?.labels) == [["x", "y"], [], [], ["oos", "x"]])
        let table = try read("x,y\ta\n\tb\noos\tc\n", .tsv, none: "oos", separator: ",")
        #expect(table.map(\.labels?.labels) == [["x", "y"], [], []])
    }

    @Test("such a row is no set, and stands apart from the rows that are learnt")
    func parts() {
        let row = Example(outOfScope: "hy")
        #expect(row.isOutOfScope && row.labels == nil && row.labelSet.labels.isEmpty)
        #expect(row != Example(labels: LabelSet([]), text: "hy"))
        #expect(!Example(labels: LabelSet([]), text: "hy").isOutOfScope)
        #expect(LabelSet.shown(row.label) == "none of these")
        #expect(!ExampleSet.hasSets(Self.rows))
        let parted = ExampleSet.parted(Self.rows)
        #expect(parted.labelled == [Self.rows[0], Self.rows[2]])
        #expect(parted.outOfScope == [Self.rows[1], Self.rows[3]])
        #expect(ExampleSet.obstacle(to: Self.rows) == nil)
        #expect(ExampleSet.obstacle(to: [Self.rows[0], Self.rows[1]]) == .oneLabel)
        #expect(ExampleSet.obstacle(to: [Self.rows[1]]) == .noExamples)
    }

    @Test("what is written comes back", arguments: ExampleWriter.formats, [false, true])
    func writes(format: ExampleFormat, hasSets: Bool) throws {
        let rows = Self.rows + (hasSets ? [Example(labels: LabelSet(["a", "b"]), text: "c")] : [])
        let writer = ExampleWriter(format, hasSets: hasSets)
        var bytes = writer.header
        for row in rows { writer.write(row, source: "train", to: &bytes) }
        #expect(!bytes.contains(0x1F))
        let text = String(decoding: bytes, as: UTF8.self)
        let read = try read(text, format, none: format == .jsonLines ? nil : "")
        #expect(read.map(\.labelSet) == rows.map(\.labelSet))
        if !hasSets { #expect(read == rows) }
    }
}
