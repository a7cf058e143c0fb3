import Foundation
import Testing

/// Texts of none of the labels in every command that reads rows.
@Suite struct OutOfScopeCommandTests {
    private let directory: TemporaryDirectory
    private let data: String
    private let checkpoint: String

    private static let labelled = (0..<60).map { row in
        row % 2 == 0
            ? "bill\tplease send my invoice number \(row) again"
            : "bug\tthe app crashes at screen \(row) again"
    }
    private static let none = [
        "what a lovely day", "who sings that song", "hy", "my dog is ill", "is it far",
        "tell me a joke",
    ]

    init() throws {
        directory = try TemporaryDirectory()
        let rows = Self.labelled + Self.none.map { "oos\t\($0)" }
        data = try directory.file("rows.tsv", rows.map { $0 + "\n" }.joined())
        checkpoint = directory.path("desk.json")
    }

    private func train(_ arguments: String...) throws -> Trainer.Result {
        try Trainer.run(
            ["train", "--model", "desk", "--out", checkpoint, "--recipe", "linear", "--data"]
                + arguments
        )
    }

    @Test("train proposes a score, evaluate tells what it does, predict abstains below it")
    func commands() throws {
        let trained = try train(data, "--none-label", "oos")
        try #require(trained.status == 0, "\(trained.messages)")
        #expect(trained.output.contains("none of these: below a certainty of "))
        #expect(trained.output.contains("2 labels"))
        let report = directory.path("report.json")
        let json = try train(data, "--none-label", "oos", "--json", "--report", report).json()
        let found = try #require(json["out_of_scope"] as? [String: Any])
        #expect(found["rows"] as? Int == 6 && found["cross_fitted"] as? Bool == true)
        let threshold = try #require(found["threshold"] as? Double)
        #expect(threshold > 0)
        let page = try Trainer.run(["report", "--html", directory.path("r.html"), report])
        #expect(page.status == 0, "\(page.messages)")
        let html = try String(contentsOfFile: directory.path("r.html"), encoding: .utf8)
        #expect(html.contains("None of these: below a certainty of "))

        let evaluated = try Trainer.run([
            "evaluate", "--checkpoint", checkpoint, "--data", data, "--none-label", "oos", "--json",
        ]).json()
        #expect(evaluated["rows"] as? Int == 60)
        let scope = try #require(evaluated["out_of_scope"] as? [String: Double])
        #expect(scope["rows"] == 6 && abs((scope["proposed_threshold"] ?? 0) - threshold) < 1e-6)
        #expect((scope["auroc"] ?? 0) > 0.9)

        let lines = Data("where is my invoice\nwhat a lovely day\n".utf8)
        let predict = ["predict", "--checkpoint", checkpoint, "--min-confidence", "proposed"]
        let plain = try Trainer.run(predict, input: lines).output
        #expect(plain.hasPrefix("bill\t") && plain.hasSuffix("\n\n"), "\(plain)")
        let objects = try Trainer.run(predict + ["--json"], input: lines).output
            .split(separator: "\n")
        #expect(objects[0].contains("\"abstained\":false"))
        #expect(objects[1].contains("\"abstained\":true,\"reason\":\"no"))
        let never = try Trainer.run(
            ["predict", "--checkpoint", checkpoint, "--min-confidence", "1"],
            input: lines
        )
        #expect(never.output == "\n\n")
    }

    @Test("verify trains the same file again, and compare, doctor and diff read the rows")
    func others() throws {
        #expect(try train(data, "--none-label", "oos").status == 0)
        let rows = ["--data", data, "--none-label", "oos"]
        let same = try Trainer.run(["verify", checkpoint] + rows)
        #expect(same.output.contains("the same, byte for byte"), "\(same)")
        let compared = try Trainer.run(["compare", "--recipes", "linear", "--json"] + rows)
        #expect(compared.status == 0, "\(compared.messages)")
        let doctor = try Trainer.run(["doctor", "--json"] + rows).json()
        #expect(doctor["out_of_scope"] as? Int == 6 && doctor["rows"] as? Int == 66)
        let text = try Trainer.run(["doctor"] + rows).output
        #expect(text.contains("6 of the rows are texts of none of these"))
        let difference = try Trainer.run(["diff", checkpoint, checkpoint, "--json"] + rows).json()
        #expect(difference["texts"] as? Int == 66 && difference["broken"] as? Int == 0)
    }

    @Test("a null in JSON says the same, and a label that is left empty where that is said")
    func forms() throws {
        #expect(try train(data, "--none-label", "oos").status == 0)
        let first = try Data(contentsOf: URL(filePath: checkpoint))
        let pairs = Self.labelled.map { $0.split(separator: "\t").map(String.init) }
        let objects =
            pairs.map { #"{"label":"\#($0[0])","text":"\#($0[1])"}"# }
            + Self.none.map { #"{"text":"\#($0)","label":null}"# }
        let lines = try directory.file("rows.jsonl", objects.joined(separator: "\n"))
        let taught = try train(lines)
        #expect(taught.status == 0, "\(taught.messages)")
        #expect(try Data(contentsOf: URL(filePath: checkpoint)) == first)
        let cells = pairs.map { "\($0[0]),\($0[1])\n" } + Self.none.map { ",\($0)\n" }
        let table = try directory.file("rows.csv", "label,text\n" + cells.joined())
        #expect(try train(table, "--none-label", "").status == 0)
        #expect(try Data(contentsOf: URL(filePath: checkpoint)) == first)
        let refused = try train(table)
        #expect(refused.status == 65)
        #expect(refused.messages.contains("rows.csv:62: the label is empty."))
    }

    @Test("predict says where a checkpoint proposes nothing")
    func noProposal() throws {
        let rows = try directory.file("few.tsv", Self.labelled.map { $0 + "\n" }.joined())
        #expect(try train(rows).status == 0)
        let refused = try Trainer.run(
            ["predict", "--checkpoint", checkpoint, "--min-confidence", "proposed"],
            input: Data("a\n".utf8)
        )
        #expect(refused.status == 65 && refused.messages.contains("proposes nothing"))
        let bad = try Trainer.run(["predict", "--checkpoint", checkpoint, "--min-confidence", "2"])
        #expect(bad.status == 64)
    }
}
