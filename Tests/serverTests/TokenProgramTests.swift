import Foundation
import HTTPTestClient
import Testing

/// Tokens as an operator handles them: made by the program, changed while it runs.
@Suite struct TokenProgramTests {
    let directory: TestDirectory
    let file: String

    init() throws {
        directory = try TestDirectory()
        file = directory.path + "/tokens"
    }

    /// Runs `server token`.
    private func makeToken(_ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = try program("server")
        process.arguments = ["token"] + arguments + ["--tokens", file]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return String(decoding: text, as: UTF8.self).trimmingCharacters(in: .newlines)
    }

    private func status(_ server: TestServer, _ token: String?) throws -> Int {
        let header = token.map { "Authorization: Bearer \($0)\r\n" } ?? ""
        return try server.send("GET", "/models", headers: header).status
    }

    @Test("SIGHUP takes the file as it is now; a bad one is logged and the tokens stay")
    func reload() throws {
        let first = try makeToken(["web", "--scope", "classify", "--model", "mood"])
        let server = try TestServer(directory, ["--tokens", file])
        #expect(server.event("listening")?["tokens"] == "1")
        #expect(try status(server, first) == 200)
        let second = try makeToken(["ci", "--scope", "train", "--scope", "promote"])
        #expect(try status(server, second) == 401)
        kill(server.pid, SIGHUP)
        try wait("the tokens") { server.event("tokens_read")?["tokens"] == "2" }
        #expect(try status(server, second) == 200)

        let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
        try Data("{\"name\":\"web\"}\n".utf8).write(to: URL(fileURLWithPath: file))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
        kill(server.pid, SIGHUP)
        try wait("the refusal") { server.event("tokens_refused") != nil }
        #expect(server.event("tokens_refused")?["reason"]?.contains("line 1") == true)
        #expect(try status(server, first) == 200)
        #expect(try status(server, nil) == 401)

        try Data((lines[1] + "\n").utf8).write(to: URL(fileURLWithPath: file))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
        kill(server.pid, SIGHUP)
        try wait("the tokens") { server.event("tokens_read")?["tokens"] == "1" }
        #expect(try status(server, first) == 401)
        #expect(try status(server, second) == 200)
        #expect(try server.send("GET", "/metrics", port: server.adminPort).status == 200)
        #expect(try server.send("GET", "/metrics").status == 401)
        #expect(try server.send("GET", "/livez").status == 200)
        #expect(try server.stop() == 0)
        let log = server.log.flatMap(\.values)
        #expect(!log.contains { $0.contains(first) || $0.contains(second) })
    }

    @Test("every address is listened on with tokens, or with --open")
    func everyAddress() throws {
        let token = try makeToken(["adm", "--scope", "admin"])
        let guarded = try TestServer(
            directory,
            ["--host", "0.0.0.0"],
            environment: ["ELMAN_TOKENS": file]
        )
        #expect(try status(guarded, nil) == 401)
        #expect(try status(guarded, token) == 200)
        #expect(try guarded.stop() == 0)
        let open = try TestServer(try TestDirectory(), ["--host", "0.0.0.0", "--open"])
        #expect(try status(open, nil) == 200)
        #expect(try open.stop() == 0)
    }

    @Test("the default is loopback without tokens")
    func loopback() throws {
        let server = try TestServer(directory)
        #expect(server.event("listening")?["host"] == "127.0.0.1")
        #expect(server.event("listening")?["tokens"] == "none")
        #expect(try status(server, nil) == 200)
        #expect(try status(server, "anything") == 200)
        // The address of no other interface is listened on: 127.0.0.2 stands for one.
        #expect(throws: TestClientError.self) {
            _ = try TestConnection(address: 0x7f00_0002, port: server.port)
        }
        #expect(try server.stop() == 0)
    }
}
