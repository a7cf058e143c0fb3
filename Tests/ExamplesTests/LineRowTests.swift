import Examples
import Testing

/// JSON rows and fastText lines.
@Suite struct LineRowTests {
    private static let two = [
        Example(label: "billing", text: "my invoice"), Example(label: "bug", text: "it crashes"),
    ]

    private func read(
        _ text: String,
        _ format: ExampleFormat,
        _ columns: ColumnOptions = ColumnOptions()
    ) throws(RowErrors) -> [Example] {
        try ExampleReader.read(Array(text.utf8), format: format, columns: columns).examples
    }

    private func errors(_ text: String, _ format: ExampleFormat) -> [String] {
        do throws(RowErrors) {
            return ["\(try read(text, format))"]
        } catch { return error.first.map(\.description) }
    }

    @Test(
        "JSON rows take many names, lists of one label, and an array",
        arguments: [
            #"{"id":1,"text":"my invoice","label":["billing"]}"#
                + #"/{"text":"it crashes","label":["bug"]}"#,
            #"{"text":"my invoice","tags":["billing"]}/{"text":"it crashes","tags":["bug"]}"#,
            #"{"text":"my invoice","labels":"billing"}/{"text":"it crashes","labels":"bug"}"#,
            #"{"utterance":"my invoice","intent":"billing"}"#
                + #"/{"intent":"bug","utterance":"it crashes"}"#,
            #"{"Text":"my invoice","Category":"billing"}/{"text":"it crashes","category":"bug"}"#,
            #"{"text":"my invoice","label":"billing","tag":1}/{"text":"it crashes","label":"bug"}"#,
            #"[{"text":"my invoice","label":"billing"},/ {"text":"it crashes","label":["bug"]}]"#,
            #" [/{"query":"my invoice","topic":"billing"},{"query":"it crashes","topic":"bug"}/] "#,
        ]
    )
    func readsJSON(text: String) throws {
        let text = text.replacing("/", with: "\n")
        #expect(try read(text, .jsonLines) == Self.two)
        #expect(try ExampleReader.read(Array(text.utf8)).examples == Self.two)
    }

    @Test("label_column and text_column name any member")
    func namesMembers() throws {
        let text = #"{"label":"no","said":"my invoice","grp":"billing"}"# + "\n"
        let columns = ColumnOptions(label: "grp", text: "said")
        #expect(try read(text, .jsonLines, columns) == [Self.two[0]])
    }

    @Test(
        "JSON rows that do not fit are named, with what was expected and one full stop",
        arguments: [
            (#"{"text":"a","label":1}"#, "label is a number, expected a string such as \"1\"."),
            (#"{"text":"a","label":true}"#, "line 1: the label is true, expected a string."),
            (#"{"text":null,"label":"x"}"#, "line 1: the text is null, expected a string."),
            (#"{"text":"a","label":["x",2]}"#, "is a list with a number, expected a string"),
            (#"{"text":"a","labels":3}"#, "is a number, expected a string such as \"1\" or a list"),
            (#"{"text":"a","label":"x","labels":["y"]}"#, "has both \"label\" and \"labels\""),
            (#"{"text":"a","labels":[[0,1,"x"]]}"#, "is a list with a list, expected a string"),
            (#"{"text":"a"}"#, "the label is missing; the row has the members \"text\", expected"),
            (#"{"said":"a","grp":"x"}"#, "the row has the members \"said\", \"grp\", expected"),
            (
                #"{"title":"a","body":"b","label":"x"}"#,
                "\"title\" (column 1) and \"body\" (column 2)"
            ),
            ("[1]", "line 1: expected an object with \"text\" and \"label\"."),
            (
                #"[{"text":"a","label":"x"},"# + "\n\n{\"text\":2,\"label\":\"x\"}]",
                "line 3: the text"
            ),
            (
                #"{"text":"x",}"#,
                "line 1: the JSON document is malformed at byte 12: expected a key"
            ),
            (#"[{"text":"a","label":"x"}"#, "malformed"),
            (#"{"model":"m","examples":[]}"#, "jq -c '.examples[]'"),
            ("{\n\"text\":\"a\",\n\"label\":\"x\"}\n", "jq -c . writes each on one"),
            ("{\n\"text\":\"a\"\n}\n{\n\"text\":\"b\"\n}\n", "jq -c . writes each on one"),
        ]
    )
    func refusesJSON(text: String, problem: String) {
        let errors = errors(text, .jsonLines)
        #expect(errors.count == 1 && errors[0].contains(problem), "\(errors)")
        #expect(errors[0].hasSuffix(".") && !errors[0].hasSuffix(".."), "\(errors)")
    }

    @Test(
        "any white space ends a fastText label",
        arguments: [
            " ", "\t", "\u{A0}", "\u{2009}", "\u{3000}", "\u{1680}", "\u{2028}", "\u{85}",
            " \u{A0}\u{2003}",
        ]
    )
    func endsLabels(space: String) throws {
        let text = "__label__billing\(space)my invoice\n __label__bug\(space)it crashes\n"
        #expect(try read(text, .fastText) == Self.two)
    }

    @Test(
        "fastText lines with labels behind the text, or none at the front, are refused",
        arguments: [
            ("__label__a __label__b x __label__c", "__label__ stands again behind the text"),
            ("__label__a __label__b", "the text is empty."),
            ("__label__a é i am __label__b", "__label__ stands again at character 19;"),
            ("__label__a x y__label__b z w", "__label__ stands again at character 15;"),
            ("__label__a__label__b z", "__label__ stands again at character 11;"),
            ("i am fine __label__a", "the label must stand before the text"),
            ("plain", "line 1: the line does not start with __label__."),
            ("__label__ x", "line 1: the label is empty."), ("__label__a", "the text is empty."),
        ]
    )
    func refusesFastText(text: String, problem: String) {
        let errors = errors(text, .fastText)
        #expect(errors.count == 1 && errors[0].contains(problem), "\(errors)")
    }
}
