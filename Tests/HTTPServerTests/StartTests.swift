import Foundation
import HTTPServer
import HTTPTestClient
import Testing

@Suite struct StartTests {
    @Test("says that the port is in use")
    func namesPort() throws {
        let first = try startServer(EchoService())
        let port = first.port
        let error = failure { $0.port = port }
        #expect(error == .portInUse(host: "127.0.0.1", port: port))
        #expect(error?.description.contains("port \(port) on 127.0.0.1 is in use") == true)
        #expect(error?.description.contains("choose another port") == true)
    }

    @Test("says that the address is of another machine")
    func namesAddress() {
        // 203.0.113.0/24 is kept for documents (RFC 5737).
        #expect(failure { $0.host = "203.0.113.1" } == .addressNotAvailable(host: "203.0.113.1"))
    }

    @Test("says that the host is unknown")
    func namesHost() {
        // Longer than any name may be, so that no name server is asked.
        let host = String(repeating: "x", count: 300)
        #expect(failure { $0.host = host } == .unknownHost(host))
    }

    @Test(
        "names a setting that cannot work",
        arguments: [
            ("threads", { @Sendable in $0.threads = 0 }),
            ("connection limit", { $0.connectionLimit = 1 }),
            ("per address", { $0.perAddressConnectionLimit = -1 }),
            ("memory", { $0.connectionMemoryBytes = 1 }),
            ("backlog", { $0.backlog = 0 }),
            ("deadlines", { $0.bodyDeadline = .zero }),
        ] as [(String, @Sendable (inout HTTPServer.Configuration) -> Void)]
    )
    func namesSetting(word: String, change: @Sendable (inout HTTPServer.Configuration) -> Void) {
        let error = failure(change)
        #expect(error?.description.contains(word) == true)
    }

    @Test("serves on two ports in one process")
    func runsTwice() throws {
        let main = try EchoServer()
        let admin = try EchoServer { $0.connectionLimit = 16 }
        #expect(main.port != admin.port)
        let connections = try [main.port, admin.port, main.port].map({
            try TestConnection(port: $0)
        })
        for (index, connection) in connections.enumerated() {
            let answer = try connection.exchange("GET /\(index) HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(answer.text == "GET /\(index) body=0<>")
        }
        #expect(main.service.targets == ["/0", "/2"])
        #expect(admin.service.targets == ["/1"])
    }

    @Test("serves with one thread, or with many", arguments: [1, 2, 7])
    func runsWithThreads(threads: Int) throws {
        let server = try EchoServer { $0.threads = threads }
        let scripts = (0..<50).map { Conversation.Script("GET /\($0) HTTP/1.1\r\nHost: a\r\n\r\n") }
        let said = try Conversation.hold(scripts, port: server.port, quiet: .zero)
        #expect(said.map(\.responses.first?.text) == (0..<50).map { "GET /\($0) body=0<>" })
    }

    private func failure(
        _ change: (inout HTTPServer.Configuration) -> Void
    ) -> HTTPServerError? {
        do {
            try startServer(EchoService(), change).stop()
            return nil
        } catch {
            return error
        }
    }
}
