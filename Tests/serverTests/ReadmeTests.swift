import Foundation
import HTTPTestClient
import Testing

@Suite struct ReadmeTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    @Test("the curls of the README that need no training get the answers that it shows")
    func answers() throws {
        let readme = try String(
            contentsOf: Self.root.appending(path: "README.md"),
            encoding: .utf8
        )
        let matches = readme.matches(
            of: /\$ curl localhost:8080\/classify -H [^\n]+?[ \\\n]+-d '(.+)'\n(\{"model":.+)\n/
        ).filter { !$0.1.contains("\"desk\"") }
        #expect(matches.count >= 3)
        let models = Self.root.appending(path: "models").path
        let server = try TestServer(try TestDirectory(), ["--models", models])
        for match in matches {
            let response = try server.send("POST", "/classify", String(match.1))
            let shown = try members(Data(match.2.utf8))
            let got = try members(Data(response.body))
            #expect(shown.keys.sorted() == got.keys.sorted())
            for name in ["model", "version", "label", "tokens"] {
                #expect("\(shown[name] ?? "")" == "\(got[name] ?? "")", "\(name)")
            }
            // The last digits depend on the instruction set.
            let (before, now) = (shown["score"] as? Double, got["score"] as? Double)
            #expect(abs((before ?? 0) - (now ?? 1)) < 1e-5)
        }
        #expect(try server.stop() == 0)
    }

    @Test("the commands of the README need no option that curl got after 7.68")
    func oldCurl() throws {
        let readme = try String(
            contentsOf: Self.root.appending(path: "README.md"),
            encoding: .utf8
        )
        let commands = readme.split(separator: "\n").filter { $0.contains("curl ") }
        #expect(commands.count > 10)
        for command in commands {
            for option in ["--json", "--retry-all-errors", "--fail-with-body", "--url-query"] {
                #expect(!command.contains(option), "\(command)")
            }
        }
    }

    private func members(_ json: Data) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
    }
}
