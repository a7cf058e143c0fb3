import Foundation
import Model
import Testing

@Suite struct DiffAndVerifyCommandTests {
    private let directory: TemporaryDirectory
    private let data: String

    init() throws {
        directory = try TemporaryDirectory()
        data = try directory.file("mood.tsv", mood)
    }

    private func train(_ name: String, _ arguments: String..., data: String? = nil) throws -> String
    {
        let out = directory.path(name)
        let result = try Trainer.run(
            ["train", "--data", data ?? self.data, "--model", "mood", "--out", out] + arguments
        )
        try #require(result.status == 0, "\(result.messages)")
        return out
    }

    @Test(
        "verify makes the same file again, whatever the recipe, measured or not",
        arguments: [
            ["--recipe", "article", "--epochs", "20"],
            ["--recipe", "article", "--epochs", "20", "--measure-held-out"],
            ["--recipe", "gru", "--epochs", "2", "--hidden", "16", "--seed", "7"],
            ["--recipe", "article", "--epochs", "20", "--holdout", "0.4"],
        ]
    )
    func same(arguments: [String]) throws {
        let out = directory.path("mood.json")
        let trained = try Trainer.run(
            ["train", "--data", data, "--model", "mood", "--out", out] + arguments
        )
        try #require(trained.status == 0, "\(trained.messages)")
        let holdout = arguments.contains("--holdout") ? ["--holdout", "0.4"] : []
        let result = try Trainer.run(["verify", out, "--data", data, "--threads", "2"] + holdout)
        #expect(result.status == 0, "\(result.messages)")
        #expect(result.output.hasPrefix("the same, byte for byte: sha256 "))
    }

    @Test("verify names what differs, and refuses other rows by their digest")
    func different() throws {
        let path = try train("a.json", "--recipe", "article", "--epochs", "20")
        var checkpoint = try Checkpoint(contentsOf: path)
        var values = checkpoint.tensors["w3"]?.values ?? []
        values[0] += 0.5
        checkpoint.tensors["w3"] = Tensor(
            shape: checkpoint.tensors["w3"]?.shape ?? [],
            values: values
        )
        try CheckpointFile.write(checkpoint.encoded(), to: path)
        let result = try Trainer.run(["verify", path, "--data", data, "--json"])
        #expect(result.status == 1)
        let json = try result.json()
        #expect(json["same"] as? Bool == false)
        #expect(json["differences"] as? [String] == ["tensors/w3"])
        let other = try directory.file("other.tsv", mood + "sad\tmore\n")
        let refused = try Trainer.run(["verify", path, "--data", other])
        #expect(refused.status == 65)
        #expect(refused.messages.contains("these are not the rows"))
    }

    @Test("diff tells which texts change, whether that is right, and nothing of equal checkpoints")
    func diff() throws {
        let before = try train("a.json", "--recipe", "article", "--epochs", "400")
        let swapped = mood.replacing("happy", with: "x").replacing("sad", with: "happy")
            .replacing("x", with: "sad")
        let after = try train(
            "b.json",
            "--recipe",
            "article",
            "--epochs",
            "400",
            data: try directory.file("swapped.tsv", swapped)
        )
        let text = try Trainer.run(["diff", before, after, "--data", data, "--limit", "2"])
        #expect(text.status == 0)
        #expect(text.output.hasPrefix("6 of 6 texts get another label (0 fixed, 6 broken); "))
        #expect(text.output.hasSuffix("… and 4 more\n"))
        let texts = try directory.file("texts.txt", "I am good\n\nI am bad\n")
        let json = try Trainer.run(["diff", before, after, "--data", texts, "--json"]).json()
        #expect(json["texts"] as? Int == 2)
        #expect(json["fixed"] as? Int == 0 && json["broken"] as? Int == 0)
        let none = try Trainer.run(["diff", before, before, "--data", data])
        #expect(none.output == "0 of 6 texts get another label; no probability moves\n")
    }
}
