import Foundation
import Testing

/// Holds what the documents show against the programs.
@Suite(.serialized) struct DocumentProgramTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The pages for people that show commands.
    private static let pages: [String] = {
        let docs = try? FileManager.default.contentsOfDirectory(
            atPath: root.appending(path: "docs").path
        )
        let pages = (docs ?? []).filter { $0.hasSuffix(".md") }.sorted().map { "docs/\($0)" }
        return ["README.md", "examples/README.md"] + pages
    }()

    @Test(
        "the commands of a page get the answers that it shows",
        .enabled(if: !runsUnderSanitizer, "a sanitizer's programs are too slow for the examples"),
        arguments: pages
    )
    func commands(page: String) throws {
        let (status, output) = try run(
            Self.root.appending(path: "scripts/documents"),
            ["--programs", try program("server").deletingLastPathComponent().path, page]
        )
        #expect(status == 0, "\(output)")
    }

    @Test("an option that a page names is one of the programs")
    func options() throws {
        let server = try options(of: "server", [])
        var known = server
        for command in [["token"], ["backup"], ["store", "copy"]] {
            known.formUnion(try options(of: "server", command))
        }
        for command in ["train", "evaluate", "predict", "shrink", "work", "diff", "report"] {
            known.formUnion(try options(of: "trainer", [command]))
        }
        #expect(known.count > 60)
        for page in Self.pages {
            let text = try text(page)
            for option in text.matches(of: /`(?:server |trainer \w+ )?(--[a-z-]+)/) {
                #expect(known.contains(String(option.1)), "\(page): \(option.1)")
            }
        }
        let manual = try text("docs/serve.md")
        for option in server.subtracting(["--help", "--version"]) {
            #expect(manual.contains("\(option)`"), "docs/serve.md lacks \(option)")
        }
    }

    @Test("the commands of the pages need no option that curl got after 7.68")
    func oldCurl() throws {
        let commands = try Self.pages.flatMap { page in
            try text(page).split(separator: "\n").filter { $0.contains("curl ") }
        }
        #expect(commands.count > 20)
        for command in commands {
            for option in ["--json", "--retry-all-errors", "--fail-with-body", "--url-query"] {
                #expect(!command.contains(option), "\(command)")
            }
        }
    }

    private func text(_ name: String) throws -> String {
        try String(contentsOf: Self.root.appending(path: name), encoding: .utf8)
    }

    /// The options in the help of a command.
    private func options(of name: String, _ command: [String]) throws -> Set<String> {
        let (status, output) = try run(try program(name), command + ["--help"])
        #expect(status == 0)
        return Set(output.matches(of: /(?m)^  (?:-h, )?(--[a-z-]+)/).map { String($0.1) })
    }

    /// Runs a program in the root of the repository: its status, and what it printed.
    private func run(_ program: URL, _ arguments: [String]) throws -> (Int32, String) {
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.currentDirectoryURL = Self.root
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }
}
