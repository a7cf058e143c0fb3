import Foundation
import HTTPTestClient
import Testing

/// Clients that follow a job of a real server.
@Suite struct FollowersProgramTests {
    private func follow(_ server: TestServer, _ id: String) throws -> TestConnection {
        let connection = try TestConnection(port: server.port)
        try connection.send("GET /train/\(id)/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return connection
    }

    private func entries(_ server: TestServer, _ directory: String) throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(server.pid)/\(directory)")
            .count
    }

    /// Open sockets; one that was reset is in no table of the kernel any more, but still here.
    private func sockets(_ server: TestServer) throws -> Int {
        let directory = "/proc/\(server.pid)/fd"
        return try FileManager.default.contentsOfDirectory(atPath: directory).count { name in
            let target = try? FileManager.default.destinationOfSymbolicLink(
                atPath: directory + "/" + name
            )
            return target?.hasPrefix("socket:") ?? false
        }
    }

    private func residentKibibytes(_ server: TestServer) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(server.pid)/status", encoding: .utf8)
        return try #require(status.firstMatch(of: /VmRSS:\s+(\d+)/).flatMap { Int($0.1) })
    }

    @Test("a job is followed from queue to end")
    func follows() throws {
        let server = try TestServer(try TestDirectory())
        let id = try server.train(trainBody("mood", epochs: 2000))
        let text = try follow(server, id).read(until: "event: end")
        #expect(text.contains("Content-Type: text/event-stream"))
        #expect(text.contains(#""state":"running""#))
        #expect(text.contains(#""epoch":"#))
        #expect(try server.stop() == 0)
    }

    @Test("200 clients that vanish leave no descriptor, no thread and no memory")
    func forgets() throws {
        let server = try TestServer(
            try TestDirectory(),
            // Those who left are noticed a moment after their sockets are gone; of 800 that stayed
            // this limit would tell.
            ["--trainer", "off", "--connections-per-address", "0", "--max-followers", "500"]
        )
        let id = try server.train(trainBody("mood", epochs: 5))
        try wait("the end of the posting connection") {
            try openServerSockets(port: server.port) == 0
        }
        let idle = try sockets(server)
        var (descriptors, threads, memory) = (0, 0, 0)
        for round in 0..<4 {
            do {
                let clients = try (0..<200).map { _ in try follow(server, id) }
                for client in clients { try client.read(until: "event: progress") }
                if round.isMultiple(of: 2) { for client in clients { client.resetOnClose() } }
            }
            try wait("the end of all") { try sockets(server) <= idle }
            if round == 0 {
                // What the first round needed may stay: buffers, threads of Dispatch.
                descriptors = try entries(server, "fd")
                threads = try entries(server, "task")
                memory = try residentKibibytes(server)
            }
        }
        #expect(try entries(server, "fd") <= descriptors + 2)
        #expect(try entries(server, "task") <= threads + 2)
        let growth = try residentKibibytes(server) - memory
        #expect(growth < 4096 || runsUnderSanitizer)
        // There is room for others again.
        try follow(server, id).read(until: "event: progress")
        #expect(try server.stop() == 0)
    }

    @Test("SIGTERM ends every stream in good order")
    func stops() throws {
        let server = try TestServer(try TestDirectory(), ["--trainer", "off"])
        let id = try server.train(trainBody("mood", epochs: 5))
        let clients = try (0..<50).map { _ in try follow(server, id) }
        for client in clients { try client.read(until: "event: progress") }
        let start = ContinuousClock.now
        #expect(try server.stop() == 0)
        #expect(ContinuousClock.now - start < .seconds(10))
        for client in clients {
            let rest = String(decoding: try client.readToEnd(), as: UTF8.self)
            #expect(rest.hasSuffix("0\r\n\r\n"), "\(rest)")
        }
    }
}
