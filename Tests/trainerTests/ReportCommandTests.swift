import Foundation
import Testing

@Suite struct ReportCommandTests {
    private static let program = ["/usr/bin/chromium", "/usr/bin/google-chrome"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    private let directory: TemporaryDirectory
    private var page: String { directory.path("page.html") }

    init() throws { directory = try TemporaryDirectory() }

    /// Trains on a little data, writes its report and makes the page of it.
    private func makePage() throws {
        let rows = (0..<60).map { "\(["a&b", "<c>", "d"][$0 % 3])\ttext \($0 % 3) word \($0)\n" }
        let data = try directory.file("rows.tsv", rows.joined())
        let report = directory.path("report.json")
        let trained = try Trainer.run([
            "train", "--data", data, "--model", "m", "--out", directory.path("m.json"), "--recipe",
            "linear", "--epochs", "2", "--report", report,
        ])
        #expect(trained.status == 0, "\(trained.messages)")
        let made = try Trainer.run(["report", report, "--html", page])
        #expect(made.status == 0, "\(made.messages)")
    }

    @Test("a browser shows the page without a complaint", .enabled(if: program != nil))
    func shown() throws {
        try makePage()
        let (output, messages) = (Pipe(), directory.path("messages"))
        try Data().write(to: URL(filePath: messages))
        let process = Process()
        process.executableURL = URL(filePath: try #require(Self.program))
        process.arguments = [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            "--enable-logging=stderr", "--user-data-dir=\(directory.path("profile"))",
            "--window-size=400,800", "--virtual-time-budget=2000", "--dump-dom", "file://\(page)",
        ]
        process.standardOutput = output
        process.standardError = try FileHandle(forWritingTo: URL(filePath: messages))
        try process.run()
        let dom = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(dom.contains("<h1>Training report of m</h1>"))
        #expect(dom.ranges(of: "<svg ").count >= 4)
        // Labels are texts of the drawings, not elements.
        #expect(dom.contains(">&lt;c&gt;<title>&lt;c&gt;</title></text>"))
        let said = try String(contentsOfFile: messages, encoding: .utf8)
        #expect(!said.contains("CONSOLE"), "\(said)")
    }

    @Test("what is no report is refused with a sentence, and nothing is written")
    func refusals() throws {
        let file = try directory.file("other.json", "{\"a\": 1}")
        let other = try Trainer.run(["report", file, "--html", page])
        #expect(other.status == 65)
        #expect(other.messages.contains("neither a report nor a job"))
        #expect(try Trainer.run(["report", "--html", page], input: Data("x".utf8)).status == 65)
        #expect(!FileManager.default.fileExists(atPath: page))
        #expect(try Trainer.run(["report", directory.path("none"), "--html", page]).status == 66)
    }

    @Test("doctor prints findings for people, and JSON for programs")
    func doctor() throws {
        let file = try directory.file("rows.tsv", "a\tsame\nb\tsame\na\tother\nb\tmore\n")
        let text = try Trainer.run(["doctor", "--data", file])
        #expect(text.status == 0)
        #expect(text.output.contains("1 texts have several labels"))
        let json = try Trainer.run(["doctor", "--data", file, "--json"]).json()
        #expect((json["contradictions"] as? [String: Any])?["count"] as? Int == 1)
        #expect(json["rows"] as? Int == 4)
    }
}
