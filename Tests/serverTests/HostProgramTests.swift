import Foundation
import HTTPTestClient
import Testing

@Suite struct HostProgramTests {
    private static func status(
        _ server: TestServer,
        _ target: String,
        _ head: String,
        method: String = "GET",
        port: UInt16? = nil
    ) throws -> Int {
        try TestConnection(port: port ?? server.port).exchange(
            "\(method) \(target) \(head)\r\n\r\n"
        )
        .status
    }

    @Test("a web page that lets its name stand for this machine can neither read nor delete")
    func rebinding() throws {
        let server = try TestServer(try TestDirectory())
        let evil = "HTTP/1.1\r\nHost: evil.example:\(server.port)"
        #expect(try Self.status(server, "/models", evil) == 421)
        #expect(try Self.status(server, "/models/m", evil, method: "DELETE") == 421)
        let post = try TestConnection(port: server.port).exchange(
            "POST /classify \(evil)\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n"
                + #"{"text":"a"}"#
        )
        #expect(post.status == 421)
        #expect(post.text.contains("evil.example"))
        // Other ways to name a host, or none.
        #expect(try Self.status(server, "/models", "HTTP/1.0") == 421)
        #expect(try Self.status(server, "/models", "HTTP/1.0\r\nHost: evil.example") == 421)
        let absolute = "http://evil.example/models"
        #expect(try Self.status(server, absolute, "HTTP/1.1\r\nHost: localhost") == 400)
        for host in ["localhost", "127.0.0.1:\(server.port)", "[::1]:80"] {
            #expect(try Self.status(server, "/models", "HTTP/1.1\r\nHost: \(host)") == 200)
        }
    }

    @Test("probes answer any host, on the private port all of them")
    func probes() throws {
        let server = try TestServer(try TestDirectory())
        let evil = "HTTP/1.1\r\nHost: 10.1.2.3:8080"
        #expect(try Self.status(server, "/livez", evil) == 200)
        #expect(try Self.status(server, "/readyz", evil) == 503)
        #expect(try Self.status(server, "/livez", "HTTP/1.0") == 200)
        for target in ["/livez", "/metrics"] {
            #expect(try Self.status(server, target, evil, port: server.adminPort) == 200)
        }
    }

    @Test("--allowed-hosts adds names, with commas, repeated or from the environment")
    func allowed() throws {
        let server = try TestServer(
            try TestDirectory(),
            ["--allowed-hosts", "elman, api.example", "--allowed-hosts", "box"],
            environment: ["ELMAN_ALLOWED_HOSTS": "old"]
        )
        for host in ["elman:8080", "API.example", "box", "localhost"] {
            #expect(try Self.status(server, "/models", "HTTP/1.1\r\nHost: \(host)") == 200)
        }
        for host in ["old", "evil.example"] {
            #expect(try Self.status(server, "/models", "HTTP/1.1\r\nHost: \(host)") == 421)
        }
        let other = try TestServer(
            try TestDirectory(),
            environment: ["ELMAN_ALLOWED_HOSTS": "old,older"]
        )
        for host in ["old", "older"] {
            #expect(try Self.status(other, "/models", "HTTP/1.1\r\nHost: \(host)") == 200)
        }
        for wrong in ["elman:8080", "*", "http://elman", ""] {
            let refused = try TestServer(try TestDirectory(), ["--allowed-hosts=\(wrong)"])
            #expect(try refused.exitStatus() == 64, "\(wrong)")
        }
    }

    @Test("a server that is open on every address answers addresses, and names that are given")
    func open() throws {
        let server = try TestServer(
            try TestDirectory(),
            ["--host", "0.0.0.0", "--open", "--allowed-hosts", "elman"]
        )
        for host in ["10.1.2.3:8080", "localhost:8080", "elman:8080"] {
            #expect(try Self.status(server, "/models", "HTTP/1.1\r\nHost: \(host)") == 200)
        }
        #expect(try Self.status(server, "/models", "HTTP/1.1\r\nHost: evil.example") == 421)
    }
}
