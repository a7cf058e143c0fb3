import ClassificationService
import HTTPServer
import Testing

/// Which `Host` a server without tokens answers.
@Suite struct AllowedHostsTests {
    private static func status(_ hosts: AllowedHosts, _ host: String?) throws -> Int {
        try TestService { $0.hosts = hosts }.send(.get, "/models", host: host).status
    }

    @Test(
        "loopback names and addresses are answered, whatever the port",
        arguments: [
            "localhost", "localhost:8080", "LOCALHOST:1", "LocalHost", "localhost.",
            "localhost.:8080", "127.0.0.1", "127.0.0.1:8080", "127.1.2.3:9", "127.255.255.255",
            "[::1]", "[::1]:8080", "[0:0:0:0:0:0:0:1]:8080", "[::ffff:127.0.0.1]", "localhost:",
        ]
    )
    func loopback(host: String) throws {
        #expect(try Self.status(AllowedHosts(), host) == 200)
    }

    @Test(
        "every other host is refused, and so is none",
        arguments: [
            "evil.example", "evil.example:8080", "localhost.evil.example", "evil.localhost",
            "localhostx", "xlocalhost", "127.0.0.1.evil.example", "127.0.0.1.nip.io", "128.0.0.1",
            "127.0.0.1x", "127.1", "0127.0.0.1", "2130706433", "0x7f000001", "127.0.0.256",
            "0.0.0.0:8080", "192.168.1.5", "[::]", "[::2]", "[::ffff:10.0.0.1]", "[fe80::1]",
            "169.254.169.254", "elman", "localhost..", ".", "-", nil,
        ] as [String?]
    )
    func others(host: String?) throws {
        #expect(try Self.status(AllowedHosts(), host) == 421)
    }

    @Test("the refusal names what came and the way out, and no more than it must")
    func names() throws {
        let service = try TestService()
        let answer = service.send(.get, "/models", host: "evil.example:8080")
        #expect(answer.status == 421)
        #expect(answer.contentType == "application/problem+json")
        #expect(answer.code == "host_not_allowed")
        #expect(answer.object["title"] as? String == "Misdirected Request")
        let detail = try #require(answer.object["detail"] as? String)
        #expect(detail.contains("'evil.example'"))
        #expect(detail.contains("--allowed-hosts evil.example adds"))
        #expect(detail.contains("--tokens"))
        let none = service.send(.get, "/models", host: nil)
        #expect((none.object["detail"] as? String)?.contains("names no host") == true)
        let long = service.send(.get, "/models", host: String(repeating: "x", count: 10_000))
        #expect(long.status == 421)
        #expect(long.body.count < 1500)
    }

    @Test("names that are given are answered too, in any case, without their neighbours")
    func given() throws {
        let hosts = AllowedHosts(names: ["Elman", "api.example", "10.0.0.7", "[2001:db8::1]"])
        for host in [
            "elman", "ELMAN:8080", "elman.", "api.example:443", "10.0.0.7:8080",
            "[2001:DB8:0::1]:80", "localhost",
        ] {
            #expect(try Self.status(hosts, host) == 200, "\(host)")
        }
        for host in ["elman2", "x.api.example", "api.example.evil", "10.0.0.8", "[2001:db8::2]"] {
            #expect(try Self.status(hosts, host) == 421, "\(host)")
        }
    }

    @Test("the address that is listened on is answered; where that is every one, any address")
    func listening() throws {
        let one = AllowedHosts(listeningOn: ["box", "192.168.1.5"])
        for host in ["192.168.1.5:8080", "box:8080", "localhost"] {
            #expect(try Self.status(one, host) == 200, "\(host)")
        }
        #expect(try Self.status(one, "192.168.1.6") == 421)
        for every in ["0.0.0.0", "::"] {
            let hosts = AllowedHosts(listeningOn: [every])
            for host in ["192.168.1.5:8080", "10.1.2.3", "[2001:db8::1]", "localhost", "[::1]:1"] {
                #expect(try Self.status(hosts, host) == 200, "\(every) \(host)")
            }
            for host in ["evil.example", "elman:8080", "10.1.2.3.evil.example"] {
                #expect(try Self.status(hosts, host) == 421, "\(every) \(host)")
            }
        }
    }

    @Test(
        "what is no host is told apart",
        arguments: [
            ("elman", true), ("a.b-c_d.example", true), ("10.0.0.7", true), ("::1", true),
            ("[::1]", true), ("", false), ("*", false), ("elman:8080", false),
            ("http://elman", false), ("elman/", false), ("a b", false), ("é", false),
        ]
    )
    func validity(text: String, isValid: Bool) {
        #expect(AllowedHosts.isValid(text) == isValid)
    }
}
