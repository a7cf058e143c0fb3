import Foundation
import HTTPTestClient
import Testing

private let request = "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"

extension TestServer {
    /// The value of a metric, asked for on the private port.
    func metric(_ name: String) throws -> Int? {
        let lines = try send("GET", "/metrics", port: adminPort).text.split(separator: "\n")
        return lines.first { $0.hasPrefix(name + " ") }.flatMap {
            Int($0.dropFirst(name.count + 1))
        }
    }
}

@Suite struct ConnectionsProgramTests {
    @Test("a full server answers 503 and when to come again, counts it, and its probes answer")
    func full() throws {
        let server = try TestServer(try TestDirectory(), ["--connections", "8"])
        let served = try (0..<8).map { _ in try TestConnection(port: server.port) }
        for connection in served { #expect(try connection.exchange(request).status == 200) }
        let start = ContinuousClock.now
        for _ in 0..<300 {
            let answer = try TestConnection(port: server.port).exchange(request)
            #expect(answer.status == 503)
            #expect(answer.header("content-type") == "application/problem+json")
            #expect(answer.header("retry-after") != nil)
            #expect(answer.header("connection") == "close")
            #expect(answer.object["code"] as? String == "connections_full")
        }
        #expect(try server.send("GET", "/livez", port: server.adminPort).status == 200)
        #expect(try server.send("GET", "/readyz", port: server.adminPort).object["status"] != nil)
        let counted = try server.metric(
            #"elman_connections_refused_total{limit="connections"}"#
        )
        #expect(counted == 300)
        // A line tells how many came since the one before; the last comes within a second.
        try wait("all to be told") { Self.told(server).reduce(0, +) == 300 }
        let seconds = Int((ContinuousClock.now - start) / .seconds(1))
        #expect(Self.told(server).count <= seconds + 2)
        for connection in served { #expect(try connection.exchange(request).status == 200) }
        #expect(try server.stop() == 0)
    }

    private static func told(_ server: TestServer) -> [Int] {
        server.log.filter { $0["event"] == "connections_full" }
            .compactMap { $0["refused"].flatMap(Int.init) }
    }

    @Test("512 slow connections and 3,000 kept ones do not hold up a new client")
    func crowd() throws {
        var files = rlimit()
        #expect(getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files) == 0)
        files.rlim_cur = min(files.rlim_max, max(files.rlim_cur, 4096))
        #expect(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files) == 0)
        let server = try TestServer(try TestDirectory())
        let slow = try (0..<512).map { _ in
            let connection = try TestConnection(port: server.port)
            try connection.send("GET /livez HTTP/1.1\r\nHost: localhost\r\nX: ")
            return connection
        }
        let kept = try (0..<3000).map { _ in try TestConnection(port: server.port) }
        for _ in 0..<2 {
            for connection in kept { #expect(try connection.exchange(request).status == 200) }
            for connection in slow { try connection.send("x") }
            for connection in kept { try connection.send(request) }
            let duration = try ContinuousClock().measure {
                let new = try TestConnection(port: server.port)
                #expect(try new.exchange(request).status == 200)
            }
            #expect(duration < .milliseconds(500))
            for connection in kept { #expect(try connection.readResponse().status == 200) }
        }
        for connection in slow {
            try connection.send("\r\n\r\n")
            #expect(try connection.readResponse().status == 200)
        }
        #expect(try server.stop() == 0)
    }

    @Test("there is no limit for one address unless it is asked for")
    func addresses() throws {
        let server = try TestServer(try TestDirectory())
        let proxy = try (0..<300).map { _ in try TestConnection(port: server.port) }
        for connection in proxy { #expect(try connection.exchange(request).status == 200) }
        let limited = try TestServer(try TestDirectory(), ["--connections-per-address", "3"])
        let allowed = try (0..<3).map { _ in try TestConnection(port: limited.port) }
        for connection in allowed { #expect(try connection.exchange(request).status == 200) }
        let answer = try TestConnection(port: limited.port).exchange(request)
        #expect(answer.status == 503)
        #expect(answer.text.contains("--connections-per-address"))
    }

    @Test("the connections are lowered to the files that may be open, and the log says so")
    func lowered() throws {
        let directory = try TestDirectory()
        let few = try directory.script("ulimit -n 200\nexec \"$@\"")
        let server = try TestServer(directory, launcher: few)
        let event = try #require(server.event("connections_lowered"))
        #expect(event["asked"] == "4096")
        #expect(event["reason"]?.contains("ulimit -n") == true)
        let limit = try #require(event["connections"].flatMap(Int.init))
        #expect((32...72).contains(limit))
        #expect(server.event("listening")?["connections"] == "\(limit)")
        let served = try (0..<limit).map { _ in try TestConnection(port: server.port) }
        for connection in served { #expect(try connection.exchange(request).status == 200) }
        #expect(try TestConnection(port: server.port).exchange(request).status == 503)
        // There is still room for the trainer, the store and the log.
        for connection in served { #expect(try connection.exchange(request).status == 200) }
        let job = try server.sendOn(served[0], "/train", trainBody("m", epochs: 5))
        let id = try #require(job.object["id"] as? String)
        try wait("the job") {
            try served[1].exchange("GET /train/\(id) HTTP/1.1\r\nHost: localhost\r\n\r\n")
                .object["state"] as? String == "succeeded"
        }
        #expect(try server.stop() == 0)
    }

    @Test("the soft limit of open files is raised")
    func raised() throws {
        let directory = try TestDirectory()
        let soft = try directory.script("ulimit -Sn 200\nexec \"$@\"")
        let server = try TestServer(directory, ["--connections", "256"], launcher: soft)
        #expect(server.event("listening")?["connections"] == "256")
    }

    @Test("a process that may open hardly a file is refused in a sentence")
    func tooFewFiles() throws {
        let directory = try TestDirectory()
        let none = try directory.script("ulimit -n 100\nexec \"$@\"")
        let server = try TestServer(directory, launcher: none)
        #expect(try server.exitStatus() == 69)
        #expect(server.event("start_refused")?["reason"]?.contains("ulimit -n") == true)
    }
}

extension TestServer {
    /// Posts JSON on a connection that is open already.
    fileprivate func sendOn(
        _ connection: TestConnection,
        _ target: String,
        _ body: String
    ) throws -> TestResponse {
        try connection.exchange(
            "POST \(target) HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
        )
    }
}
