import Examples
import Testing

/// Rows of texts that may have several labels, in every format.
@Suite struct LabelSetTests {
    private static let rows = [
        Example(labels: LabelSet(["joy", "love"]), text: "what a day"),
        Example(labels: LabelSet(["fear"]), text: "oh no"),
        Example(labels: LabelSet([]), text: "the sky is blue"),
    ]

    private func read(
        _ text: String,
        _ format: ExampleFormat? = nil,
        _ columns: ColumnOptions = ColumnOptions()
    ) throws(RowErrors) -> [Example] {
        try ExampleReader.read(Array(text.utf8), format: format, columns: columns).examples
    }

    private func errors(
        _ text: String,
        _ format: ExampleFormat,
        _ columns: ColumnOptions = ColumnOptions()
    ) -> [String] {
        do throws(RowErrors) {
            return ["\(try read(text, format, columns))"]
        } catch { return error.first.map(\.description) }
    }

    @Test("one string stands for a set, and for no label")
    func stored() {
        for set in [LabelSet([]), LabelSet(["b", "a", "b"]), LabelSet(["x, y"])] {
            #expect(LabelSet(stored: set.stored) == set)
            #expect(LabelSet.isStored(set.stored))
            #expect(LabelSet.of(set.stored) == set)
        }
        #expect(LabelSet(["b", "a", "b"]).labels == ["a", "b"])
        #expect(LabelSet(stored: "a") == nil)
        #expect(LabelSet.of("a") == LabelSet(["a"]))
        #expect(LabelSet.shown(LabelSet(["b", "a"]).stored) == "a, b")
        #expect(LabelSet.shown(LabelSet([]).stored) == "(none)")
    }

    @Test(
        "the same sets come out of every format",
        arguments: [
            (
                #"{"text":"what a day","labels":["love","joy"]}"# + "\n"
                    + #"{"labels":["fear"],"text":"oh no"}"# + "\n"
                    + #"{"text":"the sky is blue","labels":[]}"#, nil
            ),
            (
                #"[{"text":"what a day","labels":["love","joy","love"]},"#
                    + #"{"text":"oh no","labels":[" fear "]},"#
                    + #"{"text":"the sky is blue","labels":null}]"#, nil
            ),
            ("love,joy\twhat a day\nfear\toh no\n\tthe sky is blue\n", ","),
            ("text,label\nwhat a day,love; joy;\noh no,fear\nthe sky is blue,\n", ";"),
            ("label;text\nlove|joy;what a day\nfear;oh no\n;the sky is blue\n", "|"),
            (
                "labels,text\n\"[\"\"love\"\",\"\"joy\"\"]\",what a day\n\"[\"\"fear\"\"]\",oh no\n"
                    + "[],the sky is blue\n", nil
            ),
        ] as [(String, String?)]
    )
    func formats(text: String, separator: String?) throws {
        let columns = ColumnOptions(labelSeparator: separator)
        #expect(try read(text, nil, columns) == Self.rows)
    }

    @Test("fastText lines with several labels are sets, and one label stays one")
    func fastText() throws {
        let rows = try read("__label__joy __label__love what a day\n__label__fear oh no\n")
        #expect(rows == [Self.rows[0], Example(label: "fear", text: "oh no")])
        #expect(rows[1].labelSet == LabelSet(["fear"]) && rows[1].labels == nil)
    }

    @Test("a list of another number than one is a set under any name")
    func otherNames() throws {
        let rows = try read(
            #"{"text":"a","category":["x","y"]}"# + "\n" + #"{"text":"b","category":["x"]}"#
        )
        #expect(rows[0].labels == LabelSet(["x", "y"]))
        #expect(rows[1].label == "x")
    }

    @Test("label_column decides between two members")
    func decides() throws {
        let text = #"{"text":"a","label":"x","labels":["y","z"]}"#
        #expect(try read(text, .jsonLines, ColumnOptions(label: "label"))[0].label == "x")
        let set = try read(text, .jsonLines, ColumnOptions(label: "labels"))[0].labels
        #expect(set == LabelSet(["y", "z"]))
    }

    @Test("a column of labels without a separator holds one label")
    func oneLabelColumn() throws {
        #expect(try read("labels,text\n\"a,b\",x\nc,y\n")[0].label == "a,b")
    }

    @Test(
        "separators that cannot be are refused",
        arguments: [
            (#"{"text":"a","labels":["x"]}"#, .jsonLines, ",", "only labels in CSV and TSV"),
            ("__label__a x", .fastText, ",", "several __label__"),
            ("a\tx\nb\ty", .tsv, "", "the separator of labels is empty"),
        ] as [(String, ExampleFormat, String, String)]
    )
    func refusals(text: String, format: ExampleFormat, separator: String, problem: String) {
        let errors = errors(text, format, ColumnOptions(labelSeparator: separator))
        #expect(errors.count == 1 && errors[0].contains(problem), "\(errors)")
    }

    @Test("a cell that begins as a list and is none is refused")
    func brokenCell() {
        let errors = errors("labels,text\n[a,x\nb,y\n", .csv)
        #expect(errors.first?.contains("no JSON array of strings") == true, "\(errors)")
    }

    @Test("what is written is read again, also one-label rows among sets")
    func writes() throws {
        let rows = Self.rows + [Example(label: "[odd]", text: "odd")]
        for format in ExampleWriter.formats {
            let writer = ExampleWriter(format, hasSets: true)
            var bytes = writer.header
            for row in rows { writer.write(row, source: "import", to: &bytes) }
            let read = try ExampleReader.read(bytes, format: format).examples
            #expect(read.map(\.labelSet) == rows.map(\.labelSet), "\(format)")
            #expect(read.map(\.text) == rows.map(\.text))
        }
    }

    @Test("rows are parted by the rarest of their labels, those without any by themselves")
    func strata() {
        let rows = [["a", "b"], ["a"], [], ["a", "c"], ["c"], []].map {
            Example(labels: LabelSet($0), text: "t")
        }
        #expect(ExampleSet.strata(of: rows) == [1, 0, 3, 2, 2, 3])
        let single = ["x", "a", "x"].map { Example(label: $0, text: "t") }
        #expect(ExampleSet.strata(of: single) == [1, 0, 1])
    }
}
