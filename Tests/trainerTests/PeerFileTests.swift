import Foundation
import Model
import Testing

/// Files of other programs: what they are trained with, and what they print.
@Suite struct PeerFileTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private var out: String { directory.path("model.json") }

    private func train(_ file: String, _ arguments: String...) throws -> Trainer.Result {
        try Trainer.run(
            ["train", "--data", file, "--model", "m", "--out", out, "--epochs", "3"] + arguments
        )
    }

    /// What Rasa's own examples look like.
    private static let rasa = """
        version: "3.1"

        nlu:
        - intent: greet
          examples: |
            - hey
            - hello there
            - good morning
        - intent: ask_weather
          examples: |
            - how is the weather in [Rome](city)?
            - will it rain in [Paris]{"entity": "city"} tomorrow
            - what is the weather like
        - synonym: Paris
          examples: |
            - the city of light
        """

    @Test("Rasa's training data, by its name or by --format")
    func rasa() throws {
        for (name, arguments) in [("nlu.yml", []), ("nlu.txt", ["--format", "rasa"])] {
            let file = try directory.file(name, Self.rasa)
            let result = try Trainer.run(
                ["train", "--data", file, "--model", "m", "--out", out, "--epochs", "3"]
                    + arguments
            )
            #expect(result.status == 0, "\(result.messages)")
            let checkpoint = try Checkpoint(contentsOf: out)
            #expect(checkpoint.labels == ["ask_weather", "greet"])
            #expect(checkpoint.training.rows == 6)
            #expect(checkpoint.vocabulary.words.contains("rome"))
            #expect(!checkpoint.vocabulary.words.contains("city"))
            let scores = try Trainer.run(
                ["evaluate", "--checkpoint", out, "--data", file, "--json"] + arguments
            )
            #expect(try scores.json()["rows"] as? Int == 6)
        }
    }

    @Test("a bad example of Rasa's is named by file and line, and nothing is written")
    func badRasa() throws {
        let file = try directory.file(
            "nlu.yml",
            Self.rasa.replacing("- hello there", with: "-")
        )
        let result = try train(file)
        #expect(result.status == 65)
        #expect(result.messages.contains("nlu.yml:7: the text"), "\(result.messages)")
        #expect(!directory.names.contains("model.json"))
        let other = try directory.file("stories.yml", "stories:\n- story: x\n")
        #expect(try train(other).messages.contains("no \"nlu\""))
    }

    @Test("Comprehend's CSV: no header, the label first, texts in quotes")
    func comprehend() throws {
        let file = try directory.file(
            "documents.csv",
            """
            BILLING,"I was charged twice, please refund me"
            BILLING,my invoice is wrong
            DELIVERY,"where is my ""express"" parcel
            it is late"
            DELIVERY,the parcel never came
            """
        )
        let result = try train(file)
        #expect(result.status == 0, "\(result.messages)")
        let checkpoint = try Checkpoint(contentsOf: out)
        #expect(checkpoint.labels == ["BILLING", "DELIVERY"] && checkpoint.training.rows == 4)
    }

    @Test("Comprehend's labels of several for a text, divided by a bar")
    func comprehendSets() throws {
        let file = try directory.file(
            "documents.csv",
            """
            BILLING|ANGRY,I was charged twice and I am furious
            BILLING,my invoice is wrong
            DELIVERY|ANGRY,where is my parcel now at last
            DELIVERY,the parcel never came
            """
        )
        let result = try train(file, "--label-separator", "|")
        #expect(result.status == 0, "\(result.messages)")
        #expect(try Checkpoint(contentsOf: out).labels == ["ANGRY", "BILLING", "DELIVERY"])
    }

    @Test("predict --fasttext prints the lines of predict-prob")
    func predictProb() throws {
        let file = try directory.file(
            "rows.csv",
            "card lost,my card is lost\ncard lost,lost my card\nPIN,change my pin\nPIN,a new pin\n"
        )
        #expect(try train(file).status == 0)
        func lines(_ arguments: String...) throws -> [[Substring]] {
            let result = try Trainer.run(
                ["predict", "--checkpoint", out] + arguments,
                input: Data("lost card\n\nnew pin".utf8)
            )
            #expect(result.status == 0, "\(result.messages)")
            return result.output.split(separator: "\n", omittingEmptySubsequences: false)
                .dropLast().map { $0.split(separator: " ") }
        }
        let plain = try lines().map { $0.joined(separator: " ").split(separator: "\t") }
        let best = try lines("--fasttext")
        #expect(best.count == 3 && best.allSatisfy { $0.count == 2 })
        for (line, expected) in zip(best, plain) {
            let label = expected[0].replacing(" ", with: "_")
            #expect(line[0] == "__label__" + label && line[1] == expected[1])
        }
        let all = try lines("--fasttext", "--top-k", "5")
        #expect(all.allSatisfy { $0.count == 4 })
        for (line, first) in zip(all, best) {
            #expect(Array(line.prefix(2)) == first)
            #expect(Set([line[0], line[2]]) == ["__label__card_lost", "__label__PIN"])
            #expect(Float(line[1]) ?? 0 >= Float(line[3]) ?? 1)
        }
        for wrong in [
            ["--top-k", "1"], ["--fasttext", "--json"], ["--fasttext", "--top-k", "0"],
        ] {
            let refused = try Trainer.run(["predict", "--checkpoint", out] + wrong)
            #expect(refused.status == 64, "\(wrong)")
        }
    }
}
