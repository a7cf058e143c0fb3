import Foundation
import Testing

/// What the programs say of themselves, under the names that Debian's package gives them.
@Suite struct DescriptionProgramTests {
    let directory: TestDirectory

    init() throws { directory = try TestDirectory() }

    /// Runs a program as `elman-NAME`.
    private func output(_ name: String, _ arguments: [String]) throws -> String {
        let link = URL(fileURLWithPath: directory.path + "/elman-" + name)
        if !FileManager.default.fileExists(atPath: link.path) {
            try FileManager.default.createSymbolicLink(
                at: link,
                withDestinationURL: program(name)
            )
        }
        let process = Process()
        process.executableURL = link
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(name) \(arguments)")
        return String(decoding: text, as: UTF8.self)
    }

    @Test(
        "help names the program as it was called",
        arguments: [
            ("server", ["--help"], "USAGE: elman-server "),
            ("server", ["token", "--help"], "USAGE: elman-server token <name>"),
            ("server", ["backup", "--help"], "USAGE: elman-server backup <file>"),
            ("trainer", ["--help"], "USAGE: elman-trainer <subcommand>"),
            ("trainer", ["train", "--help"], "USAGE: elman-trainer train "),
        ]
    )
    func names(name: String, arguments: [String], start: String) throws {
        #expect(try output(name, arguments).contains(start))
    }

    @Test("manual pages and completions know the commands of the server")
    func describes() throws {
        let help = try output("server", ["--experimental-dump-help"])
        let tool = try #require(
            JSONSerialization.jsonObject(with: Data(help.utf8)) as? [String: Any]
        )
        let command = try #require(tool["command"] as? [String: Any])
        #expect(command["commandName"] as? String == "elman-server")
        let commands = try #require(command["subcommands"] as? [[String: Any]])
        let names = commands.compactMap { $0["commandName"] as? String }
        #expect(Set(["token", "backup", "store"]).isSubset(of: names))
        for shell in ["bash", "zsh", "fish"] {
            let script = try output("server", ["--generate-completion-script", shell])
            for word in ["elman-server", "token", "backup", "allowed-hosts"] {
                #expect(script.contains(word), "\(shell): \(word)")
            }
        }
    }
}
