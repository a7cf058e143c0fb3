import Foundation
import Testing

/// What files and checkpoints hold does not drive the terminal of whoever looks at them.
@Suite struct TerminalTests {
    private let directory: TemporaryDirectory

    /// ESC, BEL, CR, C1's CSI, a change of direction and a line separator.
    private static let hostile = "\u{1B}[31m\u{7}\r\u{9B}2J\u{202E}\u{2028}\u{7F}"

    init() throws { directory = try TemporaryDirectory() }

    private func isClean(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            switch scalar.value {
            case 0x0A: true
            case 0...0x1F, 0x7F...0x9F, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069: false
            default: true
            }
        }
    }

    /// A checkpoint with hostile words, and hostile free text in its record.
    private func checkpoint() throws -> String {
        let data = try directory.file("mood.tsv", mood)
        let good = directory.path("good.json")
        let trained = try Trainer.run([
            "train", "--data", data, "--model", "mood", "--out", good, "--recipe", "article",
            "--epochs", "5",
        ])
        try #require(trained.status == 0, "\(trained.messages)")
        let text = try String(contentsOfFile: good, encoding: .utf8)
        let inJSON = "\\u001b[31m\\u0007\\r\u{9B}2J\u{202E}\u{2028}\u{7F}"
        let covered = text[..<(try #require(text.range(of: ",\n\"sha256\"")).lowerBound)]
        let word = try #require(covered.firstMatch(of: /"vocabulary":\s*\[\s*"<unk>",\s*"(\w+)"/))
        let edited = covered.replacingOccurrences(
            of: "\"\(word.1)\"",
            with: "\"\(word.1)\(inJSON)\""
        )
        let digest = try sha256(edited)
        return try directory.file("bad.json", edited + ",\n\"sha256\":\"\(digest)\"\n}\n")
    }

    private func sha256(_ text: String) throws -> String {
        let process = Process()
        let (input, output) = (Pipe(), Pipe())
        process.executableURL = URL(filePath: "/usr/bin/sha256sum")
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
        try input.fileHandleForWriting.close()
        let line = String(
            decoding: output.fileHandleForReading.readDataToEndOfFile(),
            as: UTF8.self
        )
        process.waitUntilExit()
        return String(line.prefix(64))
    }

    @Test("inspect shows a checkpoint's words, as text and as JSON, without control characters")
    func inspect() throws {
        let file = try checkpoint()
        let text = try Trainer.run(["inspect", file])
        try #require(text.status == 0, "\(text.messages)")
        #expect(isClean(text.output), "\(text.output.debugDescription)")
        #expect(text.output.contains("<U+001B>[31m<U+0007><U+000D><U+009B>2J<U+202E>"))
        let json = try Trainer.run(["inspect", "--json", file])
        #expect(json.status == 0 && isClean(json.output))
    }

    @Test("errors about checkpoints, files and their names have none either")
    func errors() throws {
        let text = String(repeating: "x", count: 3)
        let cases: [(name: String, content: String, command: [String])] = [
            ("\u{1B}[31m.json", "{\"format\":\"\u{9B}2J\"}", ["inspect", "FILE"]),
            ("labels.json", "{\"\(Self.hostile)\":1}", ["inspect", "FILE"]),
            ("\u{9B}.csv", "\"\(Self.hostile)\",\"b\"\n1,2,3\n", ["doctor", "--data", "FILE"]),
            (
                "rows.tsv", "a\u{1B}b\t\(text)\nc\u{202E}\t\(text)\n",
                ["train", "--data", "FILE", "--model", "m", "--out", "OUT"]
            ),
            (
                "rows.jsonl", "{\"\(Self.hostile)\":\"a\"}\n",
                ["train", "--data", "FILE", "--model", "m", "--out", "OUT"]
            ),
        ]
        for (name, content, command) in cases {
            let places = ["FILE": try directory.file(name, content), "OUT": directory.path("out")]
            let result = try Trainer.run(command.map { places[$0] ?? $0 })
            #expect(result.status != 0, "\(name.debugDescription)")
            #expect(!result.messages.isEmpty)
            #expect(isClean(result.messages + result.output), "\(result)")
        }
    }

    @Test("what other commands show of rows has none")
    func pages() throws {
        let rows = (0..<12).map { number in
            "\(number % 2 == 0 ? "good" : "bad")\ttext \(number)\u{1B}[31m\u{9B}\u{202E} x\n"
        }
        let data = try directory.file("rows.tsv", rows.joined() + rows.joined())
        for command in [["doctor", "--data", data], ["doctor", "--json", "--data", data]] {
            let result = try Trainer.run(command)
            #expect(isClean(result.output + result.messages), "\(result)")
        }
    }
}
