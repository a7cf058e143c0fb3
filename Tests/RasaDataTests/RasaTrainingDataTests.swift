import Examples
import Testing

@testable import RasaData

@Suite struct RasaTrainingDataTests {
    private func rows(_ text: String) throws -> [[String]] {
        try RasaTrainingData.read(Array(text.utf8), source: "nlu.yml").examples
            .map { [$0.label, $0.text] }
    }

    private func error(_ text: String) -> String? {
        do {
            _ = try RasaTrainingData.read(Array(text.utf8), source: "nlu.yml")
            return nil
        } catch { return error.description }
    }

    @Test("intents and their examples, and nothing else of the file")
    func intents() throws {
        let text = """
            version: "3.1"
            # a comment
            nlu:
            - intent: greet
              examples: |
                - hey
                - "hello" there
                -   good morning\u{20}
            - intent: find/restaurant
              metadata:
                sentiment: neutral
              examples: |
                - show me [chinese](cuisine) places in [Rome]{"entity": "city", "role": "to"}
                - [a](b:c) or [d][{"entity": "e"}, {"entity": "f"}], [plain] ] [
            - synonym: Rome
              examples: |
                - Roma
            - regex: zip
              examples: |
                - \\d{5}
            - lookup: country
              examples: |
                - Italy
            - intent: "yes"
              examples:
              - text: |
                  of course
                metadata: {sentiment: good}
              - sure
              - {text: 'fine: by me'}
            stories:
            - story: x
              steps: [{intent: greet}]
            responses: {utter_x: [{text: hi}]}
            """
        #expect(
            try rows(text) == [
                ["greet", "hey"], ["greet", "\"hello\" there"], ["greet", "good morning"],
                ["find/restaurant", "show me chinese places in Rome"],
                ["find/restaurant", "a or d, [plain] ] ["],
                ["yes", "of course"], ["yes", "sure"], ["yes", "fine: by me"],
            ]
        )
    }

    @Test("several documents, flow style, CRLF and a byte-order mark")
    func forms() throws {
        let text =
            "\u{FEFF}nlu: [{intent: a, examples: \"- x\\n- y\"}]\r\n---\r\nnlu:\r\n- intent: b\r\n"
            + "  examples: |\r\n    - z\r\n"
        #expect(try rows(text) == [["a", "x"], ["a", "y"], ["b", "z"]])
    }

    @Test("an example that is wrong is named by its line")
    func lines() throws {
        let text = """
            nlu:
            - intent: a
              examples: |
                - fine

                -
                no dash
                - also fine
            - intent: ""
              examples: |
                - x
            """
        let found = try #require(error(text))
        #expect(found.contains("nlu.yml:6: the text"), "\(found)")
        #expect(found.contains("nlu.yml:11: the label"), "\(found)")
        let good = text.replacing("    -\n", with: "").replacing("\"\"", with: "b")
        let read = try RasaTrainingData.read(Array(good.utf8), source: "nlu.yml")
        #expect(read.examples.count == 3)
        #expect(read.notes.count == 1 && read.notes[0].hasPrefix("nlu.yml:6: "), "\(read.notes)")
    }

    @Test(
        "what is no training data is refused with its place",
        arguments: [
            ("", "nlu.yml:1: "), ("stories: []", "nlu.yml:1: there is no \"nlu\""),
            ("nlu: x", "\"nlu\" must be a list"), ("nlu:\n- x", "nlu.yml:2: "),
            ("nlu:\n- intent: [a]\n  examples: x", "must be the name of an intent"),
            ("nlu:\n- intent: a\n  examples: {b: c}", "\"examples\" must be a list"),
            ("nlu:\n- intent: a\n  examples: [[b]]", "must stand there"),
            ("nlu: [", "no YAML"), ("nlu: \"\\q\"", "no YAML"), ("\u{1}", "no YAML"),
            ("nlu: &a\n- *a", "nlu.yml:2: references"),
            ("nlu: " + String(repeating: "[", count: 100), "levels"),
            ("nlu: []", "there are no examples"),
        ]
    )
    func refusals(text: String, word: String) throws {
        let found = try #require(error(text))
        #expect(found.contains(word), "\(found)")
    }

    @Test("names of files that promise it")
    func names() {
        for name in ["nlu.yml", "data/NLU.YAML"] { #expect(RasaTrainingData.isNamed(name)) }
        for name in ["yml", "a.yml.csv", "-"] { #expect(!RasaTrainingData.isNamed(name)) }
    }
}
