import Foundation
import Model
import Testing

/// `shrink`: a file never has a figure that its weights did not get.
@Suite struct ShrinkCommandTests {
    private let directory: TemporaryDirectory
    private let test: String
    private let original: String
    private let shrunk: String

    init() throws {
        directory = try TemporaryDirectory()
        shrunk = directory.path("shrunk.json")
        original = directory.path("original.json")
        test = try directory.file("test.tsv", rows(of: 200..<260))
        let result = try Trainer.run([
            "train", "--data", try directory.file("train.tsv", rows(of: 0..<200)), "--test", test,
            "--model", "m", "--out", original, "--recipe", "linear", "--epochs", "6",
        ])
        try #require(result.status == 0, "\(result.messages)")
    }

    private func shrink(_ arguments: String...) throws -> Trainer.Result {
        try Trainer.run(["shrink", "--checkpoint", original, "--out", shrunk] + arguments)
    }

    private func record(_ file: String) throws -> TrainingRecord {
        try Checkpoint(contentsOf: file).training
    }

    /// What `evaluate` says of the shrunk model.
    private func expectMeasured(_ record: TrainingRecord, on file: String) throws {
        let json = try Trainer.run([
            "evaluate", "--checkpoint", shrunk, "--data", file, "--json",
        ]).json()
        #expect(record.heldOut?.rows == json["rows"] as? Int)
        #expect(record.heldOut?.accuracy == json["accuracy"] as? Double)
        #expect(record.heldOut?.macroF1 == json["macro_f1"] as? Double)
        #expect(record.heldOut?.loss == json["loss"] as? Double)
        let coverage = try #require(json["coverage"] as? [[String: Double]])
        #expect(record.coverage.map(\.threshold) == coverage.map { $0["threshold"] ?? -1 })
    }

    @Test("without rows nothing is claimed, and the way out is named", arguments: ["0.5", "0.02"])
    func unmeasured(keep: String) throws {
        let before = try record(original)
        #expect(before.heldOut != nil && before.train != nil && !before.baselines.isEmpty)
        let result = try shrink("--keep", keep)
        #expect(result.status == 0)
        #expect(result.messages.contains("shrunk.json has no figures"), "\(result)")
        #expect(result.messages.contains("--test"))
        let after = try record(shrunk)
        #expect(after.train == nil && after.heldOut == nil)
        #expect(after.coverage.isEmpty && after.baselines.isEmpty)
        #expect((after.rows, after.dataDigest) == (before.rows, before.dataDigest))
        let text = try Trainer.run(["inspect", shrunk]).output
        #expect(text.contains("on training  not measured"))
        #expect(text.contains("on held-out  not measured"))
    }

    @Test("rows of --test give the figures; the baselines stay if the rows are the same")
    func measured() throws {
        let result = try shrink("--keep", "0.02", "--test", test)
        #expect(result.status == 0, "\(result)")
        #expect(!result.messages.contains("no figures"))
        let (before, after) = (try record(original), try record(shrunk))
        try expectMeasured(after, on: test)
        #expect(after.heldOut != before.heldOut)
        #expect(after.train == nil)
        #expect(after.baselines == before.baselines)
        #expect(result.output.contains("before: accuracy "))
        #expect(result.output.contains(" of 60 rows, macro-F1 "))
    }

    @Test("other rows have other baselines, so none are told; columns can be named")
    func otherRows() throws {
        let lines = rows(of: 300..<340).split(separator: "\n").map { line in
            let cells = line.split(separator: "\t")
            return "\(cells[1]);\(cells[0])"
        }
        let table = (["said;grp"] + lines).joined(separator: "\n")
        let file = try directory.file("other.csv", table)
        let columns = ["--label-column", "grp", "--text-column", "said"]
        let result = try Trainer.run(
            ["shrink", "--checkpoint", original, "--out", shrunk, "--test", file] + columns
        )
        #expect(result.status == 0, "\(result)")
        let tabbed = try directory.file("other.tsv", rows(of: 300..<340))
        let after = try record(shrunk)
        try expectMeasured(after, on: tabbed)
        #expect(after.heldOut?.rows == 40)
        #expect(after.baselines.isEmpty)
    }

    @Test("a model that stays as it is keeps its figures")
    func unchanged() throws {
        let result = try shrink("--keep", "1")
        #expect(result.status == 0)
        #expect(result.messages.contains("no feature was left out"))
        let bytes = try [original, shrunk].map { try Data(contentsOf: URL(filePath: $0)) }
        #expect(bytes[0] == bytes[1])
    }

    @Test(
        "rows that cannot be scored are refused before anything is written",
        arguments: [("angry\tx\n", 65, "\"angry\""), ("", 65, "bad.tsv")]
    )
    func refused(contents: String, status: Int, says: String) throws {
        let result = try shrink("--test", try directory.file("bad.tsv", contents))
        #expect(Int(result.status) == status, "\(result)")
        #expect(result.messages.contains(says), "\(result)")
        #expect(!directory.names.contains("shrunk.json"))
        #expect(try shrink("--test", directory.path("none.tsv")).status == 66)
    }
}

/// Rows of two labels whose words overlap, so that no model is right about all.
private func rows(of indices: Range<Int>) -> String {
    indices.map { index in
        let (label, noise) = (index % 2, index * 7 % 11)
        let word = index % 5 == 0 ? "word\(1 - label)" : "word\(label)"
        return "\(label == 0 ? "a" : "b")\t\(word) then \(noise) with \(index) more\n"
    }.joined()
}
