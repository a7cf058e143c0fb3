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

    @Test("SIGHUP during the start is not lost")
    func earlyReload() throws {
        _ = try makeToken(["web", "--scope", "classify"])
        let server = try TestServer(directory, ["--tokens", file], awaitsStart: false)
        try wait("a process that handles signals") { handles(SIGHUP, server.pid) }
        kill(server.pid, SIGHUP)
        try wait("the tokens") { server.event("tokens_read")?["tokens"] == "1" }
        #expect(try server.stop() == 0)
    }

    @Test("SIGHUP takes the file as it is now; a bad one is logged and the tokens stay")
    func reload() throws {
        let first = try makeToken(["web", "--scope", "classify", "--model", "mood"])
        let server = try TestServer(directory, ["--tokens", file])
        #expect(server.event("listening")?["tokens"] == "1")
        #expect(try status(server, first) == 200)
        // The server would soon look by itself, so nothing is asked before the signal.
        let second = try makeToken(["ci", "--scope", "train", "--scope", "promote"])
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

    /// Puts content where Kubernetes puts it in a mounted secret: `tokens` is a link to
    /// `..data/tokens`, and the link `..data` is exchanged for one to a new directory.
    private func mount(_ content: String, version: Int, mode: Int = 0o600) throws {
        let manager = FileManager.default
        let volume = directory.path + "/volume"
        let inside = "\(volume)/..2026_\(version)"
        try manager.createDirectory(atPath: inside, withIntermediateDirectories: true)
        try Data(content.utf8).write(to: URL(fileURLWithPath: inside + "/tokens"))
        try manager.setAttributes([.posixPermissions: mode], ofItemAtPath: inside + "/tokens")
        #expect(symlink("..2026_\(version)", volume + "/..data_tmp") == 0)
        #expect(rename(volume + "/..data_tmp", volume + "/..data") == 0)
        if version == 1 { #expect(symlink("..data/tokens", volume + "/tokens") == 0) }
    }

    @Test("a mounted secret that is exchanged counts; a bad one is logged once and stays out")
    func mounted() throws {
        let first = try makeToken(["web", "--scope", "classify"])
        let second = try makeToken(["ci", "--scope", "train"])
        let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
        try mount(lines[0] + "\n", version: 1)
        let server = try TestServer(directory, ["--tokens", directory.path + "/volume/tokens"])
        #expect(try status(server, first) == 200)
        #expect(try status(server, second) == 401)

        try mount(lines.joined(separator: "\n"), version: 2)
        try wait("the second token") { try status(server, second) == 200 }
        #expect(try status(server, first) == 200)

        try mount("{\"name\":", version: 3)
        try wait("the refusal") { server.event("tokens_refused") != nil }
        #expect(server.event("tokens_refused")?["level"] == "error")
        #expect(server.event("tokens_refused")?["reason"]?.contains("line 1") == true)
        // Two more looks find nothing new to say.
        usleep(1_200_000)
        #expect(server.log.count { $0["event"] == "tokens_refused" } == 1)
        for token in [first, second] { #expect(try status(server, token) == 200) }

        try mount(lines[1] + "\n", version: 4)
        try wait("the first token's end") { try status(server, first) == 401 }
        #expect(try status(server, second) == 200)

        let inside = directory.path + "/volume/..data"
        try FileManager.default.removeItem(atPath: inside)
        try wait("the refusal") { server.log.count { $0["event"] == "tokens_refused" } == 2 }
        #expect(try status(server, second) == 200)
        #expect(try server.stop() == 0)
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
