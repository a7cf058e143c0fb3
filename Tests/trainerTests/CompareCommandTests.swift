import Foundation
import Testing

@Suite struct CompareCommandTests {
    private let directory: TemporaryDirectory
    private let data: String

    init() throws {
        directory = try TemporaryDirectory()
        data = try directory.file("mood.tsv", mood)
    }

    @Test("prints one table of the zoo beside two baselines, and writes nothing")
    func table() throws {
        let result = try Trainer.run([
            "compare", "--data", data, "--test", data, "--threads", "2",
        ])
        #expect(result.status == 0, "\(result.messages)")
        let lines = result.output.split(separator: "\n")
        let columns = lines[0].split(separator: " ").map(String.init)
        #expect(
            columns == [
                "model", "accuracy", "macro-F1", "NLL", "ECE", "train", "s", "parameters",
                "µs/text",
            ]
        )
        #expect(
            lines[1...10].map { $0.split(separator: " ")[0] } == [
                "majority", "bag-of-words", "article", "linear", "mlp", "elman", "gru", "lstm",
                "minimal_rnn",
                "auto",
            ]
        )
        #expect(result.output.contains("trained on 6 rows, scored on 6 others"))
        #expect(result.messages.contains("trainer: auto (8 of 8)"))
        #expect(directory.names == ["mood.tsv"])
    }

    @Test("--recipes and --json: an object with what was asked for")
    func json() throws {
        let rows = (0..<60).map { "\($0 % 2 == 0 ? "a" : "b")\tword\($0 % 2) and \($0)" }
        let file = try directory.file("rows.tsv", rows.joined(separator: "\n"))
        let json = try Trainer.run([
            "compare", "--data", file, "--recipes", "mlp,linear", "--json",
        ]).json()
        #expect(json["training_rows"] as? Int == 48)
        #expect(json["scored_rows"] as? Int == 12)
        let models = try #require(json["models"] as? [[String: Any]])
        #expect(
            models.map { $0["name"] as? String } == ["majority", "bag-of-words", "mlp", "linear"]
        )
        for model in models {
            for key in ["accuracy", "macro_f1", "loss", "ece", "seconds", "parameters"] {
                #expect(model[key] is NSNumber, "\(key)")
            }
        }
        #expect(models[0]["microseconds_per_text"] is NSNull)
        #expect(models[3]["microseconds_per_text"] is NSNumber)
    }

    @Test(
        "what cannot be compared is refused",
        arguments: [
            (["--recipes", "magic"], 64), (["--recipes", ""], 64), (["--threads", "0"], 64),
            (["--seed=-1"], 64), (["--test", "none.tsv"], 66), (["--data", "none.tsv"], 66),
        ] as [([String], Int32)]
    )
    func refused(_ arguments: [String], _ status: Int32) throws {
        let data = arguments.contains("--data") ? [] : ["--data", data]
        let result = try Trainer.run(["compare"] + data + arguments)
        #expect(result.status == status)
        #expect(!result.messages.isEmpty)
    }

    @Test("a scored row with a label that no training row has is refused before training")
    func unknownLabel() throws {
        let test = try directory.file("test.tsv", "angry\tx\n")
        let result = try Trainer.run(["compare", "--data", data, "--test", test])
        #expect(result.status == 65)
        #expect(result.messages.contains("\"angry\""))
    }

    @Test("Ctrl-C ends a comparison with 130")
    func interrupted() throws {
        let rows = (0..<1900).map { "\($0 % 2)\tword\($0 % 2) and \($0) of many more words" }
        let file = try directory.file("rows.tsv", rows.joined(separator: "\n"))
        let running = try Trainer.Running(["compare", "--data", file, "--recipes", "lstm"])
        try running.wait { running.messages.contains("epoch ") }
        running.process.interrupt()
        let result = try running.end()
        #expect(result.status == 130)
        #expect(result.output.isEmpty)
    }
}
