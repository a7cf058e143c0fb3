import ClassificationService
import Foundation
import Testing

@Suite struct TokenFileTests {
    let path = NSTemporaryDirectory() + "elman-tokens-\(UUID().uuidString)"

    private func write(_ text: String, mode: Int = 0o600) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    private func problem() -> String {
        do throws(TokenFileError) { _ = try TokenFile(path: path).read() } catch {
            return error.description
        }
        return "none"
    }

    @Test("a made token is 128 random bits; the file has mode 0600 and no token in it")
    func make() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let file = TokenFile(path: path)
        let first = try file.add(name: "web", scopes: [.classify], models: ["desk"])
        let second = try file.add(name: "ci", scopes: [.train, .promote], models: [])
        #expect(first != second)
        for token in [first, second] {
            #expect(token.wholeMatch(of: /elman-[0-9a-f]{32}/) != nil)
        }
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(!text.contains(first) && !text.contains(second))
        #expect(text.hasSuffix("\n"))
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
        #expect(mode as? Int == 0o600)
        #expect(try file.read().count == 2)
    }

    @Test("what cannot be added leaves the file as it was")
    func refuseToAdd() throws {
        let file = TokenFile(path: path)
        #expect(throws: TokenFileError.self) {
            try file.add(name: "No Name", scopes: [.train], models: [])
        }
        #expect(!FileManager.default.fileExists(atPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        _ = try file.add(name: "ci", scopes: [.train], models: [])
        let before = try Data(contentsOf: URL(fileURLWithPath: path))
        for (name, scopes) in [("ci", [Scope.admin]), ("x", [])] {
            #expect(throws: TokenFileError.self) {
                try file.add(name: name, scopes: scopes, models: [])
            }
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
    }

    @Test("a line without an end is not glued to the next one")
    func append() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        try write(Self.line.replacing("NAME", with: "a"))
        _ = try TokenFile(path: path).add(name: "b", scopes: [.train], models: [])
        #expect(try TokenFile(path: path).read().count == 2)
    }

    private static let digest = String(repeating: "ab", count: 32)
    private static let line = #"{"name":"NAME","sha256":"\#(digest)","scopes":["train"]}"#

    @Test(
        "a file that is not as it must be is refused with its line",
        arguments: [
            ("", "no tokens"), ("\n \n", "no tokens"), ("{", "line 1"), ("\n[]", "line 2"),
            (#"{"name":"a"}"#, "sha256"),
            (line + "\n" + line.replacing("NAME", with: "b"), "line 2: the digest"),
            (#"{"name":"a","sha256":"AB","scopes":["train"]}"#, "64 lower-case"),
            (line.replacing("NAME", with: "A"), "name"),
            (line.replacing("NAME", with: "a").replacing("train", with: "root"), "scopes"),
            (line.replacing("NAME", with: "a").replacing(#""train""#, with: ""), "scopes"),
            (line.replacing("NAME", with: "a").replacing(#""train""#, with: "1"), "scopes"),
            (line.replacing("NAME", with: "a").replacing("}", with: #","models":[]}"#), "models"),
            (line.replacing("NAME", with: "a").replacing("}", with: #","model":"x"}"#), "member"),
            (
                line.replacing("NAME", with: "a").replacing("train", with: "admin")
                    .replacing("}", with: #","models":["x"]}"#), "all models"
            ),
        ]
    )
    func refuse(text: String, word: String) throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        // The fixture's name is no name.
        try write(text.replacing(Self.line, with: Self.line.replacing("NAME", with: "a")))
        #expect(problem().contains(word), "\(problem())")
        #expect(problem().contains(path))
    }

    @Test(
        "a file that others than its owner may open is refused with the remedy",
        arguments: [0o644, 0o640, 0o604, 0o622, 0o660, 0o601]
    )
    func refuseMode(mode: Int) throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        try write(Self.line.replacing("NAME", with: "a"), mode: mode)
        #expect(problem().contains("chmod 600"))
        #expect(throws: TokenFileError.self) {
            try TokenFile(path: path).add(name: "b", scopes: [.train], models: [])
        }
        try write(Self.line.replacing("NAME", with: "a"), mode: 0o400)
        #expect(problem() == "none")
    }

    @Test("what is no regular file is refused without waiting")
    func refuseOthers() throws {
        #expect(problem().contains("No such file"))
        #expect(mkfifo(path, 0o600) == 0)
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(problem().contains("no regular file"))
    }
}
