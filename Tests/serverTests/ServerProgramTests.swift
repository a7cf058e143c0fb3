import Foundation
import HTTPTestClient
import Testing

@Suite struct ServerProgramTests {
    @Test("a second server on the same state directory is refused in a sentence")
    func secondServer() throws {
        let directory = try TestDirectory()
        let first = try TestServer(directory)
        let second = try TestServer(directory)
        #expect(try second.exitStatus() == 78)
        let reason = try #require(second.event("start_refused")?["reason"])
        #expect(reason.contains("--state"))
        #expect(try first.send("GET", "/livez").status == 200)
        #expect(try first.stop(SIGKILL) == -SIGKILL)
        let third = try TestServer(directory)
        #expect(try third.send("GET", "/livez").status == 200)
        #expect(try third.stop() == 0)
    }

    @Test(
        "a port in use is refused in a sentence that names the option",
        arguments: ["--port", "--admin-port"]
    )
    func portInUse(option: String) throws {
        let first = try TestServer(try TestDirectory())
        let second = try TestServer(try TestDirectory(), [option, "\(first.port)"])
        #expect(try second.exitStatus() == 69)
        let reason = try #require(second.event("start_refused")?["reason"])
        #expect(reason.contains("port \(first.port) on 127.0.0.1 is in use"))
        #expect(reason.hasSuffix("choose another port with \(option)"))
    }

    @Test(
        "what cannot work stops the start with a status and a sentence",
        arguments: [
            (["--models", "/nonexistent"], 78, "--models"),
            (["--state", "/proc/none"], 78, "state directory"),
            (["--trainer", "/nonexistent"], 78, "--trainer off"),
            (["--host", "192.0.2.1", "--open"], 69, "192.0.2.1"),
            (["--host", "192.0.2.1"], 78, "--tokens"), (["--host", "0.0.0.0"], 78, "--open"),
            (["--host", "::"], 78, "--open"), (["--tokens", "/nonexistent"], 78, "/nonexistent"),
            (["--tokens", "/dev/null"], 78, "regular file"),
            (["--tokens", "x", "--open"], 64, "--open"),
            (["--host", "no such host"], 69, "no such host"),
            (["--host", "192.0.2.1", "--open"], 69, "with --host"),
            (["--connections", "0"], 64, "--connections"),
            (["--connections-per-address", "-1"], 64, "--connections-per-address"),
            (["--port", "70000"], 64, "--port"), (["--trainer-nice", "20"], 64, "--trainer-nice"),
            (["--no-such-option"], 64, "--no-such-option"),
            (["--dialects", "cobol"], 64, "--dialects"), (["--dialects", ""], 64, "--dialects"),
            (["--cors-origin", "*"], 64, "name each origin"),
            (["--cors-origin", "https://a.example/"], 64, "https://a.example/"),
            (["--cors-origin", "https://a.example,*"], 64, "name each origin"),
            (["--path-prefix", "elman"], 64, "--path-prefix"),
        ] as [([String], Int32, String)]
    )
    func refused(arguments: [String], status: Int32, word: String) throws {
        let server = try TestServer(try TestDirectory(), arguments)
        #expect(try server.exitStatus() == status)
        try wait("the reason") {
            server.log.contains { $0.values.contains { $0.contains(word) } }
        }
    }

    @Test("options are read from the environment, and those on the command line win")
    func environment() throws {
        let server = try TestServer(
            try TestDirectory(),
            ["--max-texts", "3"],
            environment: [
                "ELMAN_MAX_TEXTS": "1", "ELMAN_CLASSIFY_BODY_BYTES": "64", "ELMAN_ACCESS_LOG": "1",
                "ELMAN_PORT": "tcp://10.0.0.1:80",
            ]
        )
        let long = String(repeating: "a", count: 60)
        let refused = try server.send("POST", "/classify", #"{"text":"\#(long)"}"#)
        #expect(refused.status == 413 && refused.text.contains("64 bytes"), "\(refused)")
        #expect(try server.send("POST", "/classify", #"{"texts":["a","b","c","d"]}"#).status == 422)
        try wait("the access log") { server.event("request")?["route"] == "/classify" }
        #expect(try server.stop() == 0)
        let wrong = try TestServer(
            try TestDirectory(),
            environment: ["ELMAN_ACCESS_LOG": "perhaps"]
        )
        #expect(try wrong.exitStatus() == 64)
    }

    @Test("the help names every option with its variable")
    func help() throws {
        let process = Process()
        process.executableURL = try program("server")
        process.arguments = ["--help"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(
            decoding: output.fileHandleForReading.readDataToEndOfFile(),
            as: UTF8.self
        )
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        let words = text.split { " \n,().".contains($0) }.map(String.init)
        let options = Set(words.filter { $0.hasPrefix("--") && !$0.contains("=") })
            .subtracting(["--help", "--version", "--healthcheck"])
        #expect(options.count > 20)
        for option in options {
            let name = option.dropFirst(2).uppercased().replacing("-", with: "_")
            #expect(words.contains("ELMAN_" + name), "\(option)")
        }
    }

    @Test("SIGTERM: not ready at once, still answering, then refusing, then gone with status 0")
    func drain() throws {
        let server = try TestServer(
            try TestDirectory(),
            ["--drain-delay", "30", "--trainer", "off"]
        )
        // A request that waits for a job is under way; it is answered, not dropped.
        let waiting = try TestConnection(port: server.port)
        let body = trainBody("mood", epochs: 5)
        try waiting.send(
            "POST /train HTTP/1.1\r\nHost: localhost\r\nPrefer: wait=50\r\n"
                + "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
                + body
        )
        try wait("the job") { server.event("job_queued") != nil }
        kill(server.pid, SIGTERM)
        try wait("draining") {
            (try? server.send("GET", "/readyz").object["status"] as? String) == "draining"
        }
        #expect(try server.send("GET", "/readyz").status == 503)
        #expect(try server.send("GET", "/livez").status == 200)
        #expect(try server.send("GET", "/readyz", port: server.adminPort).status == 503)
        #expect(try server.send("POST", "/train", body).status == 503)
        // A second signal skips the rest of the delay.
        #expect(try server.stop() == 0)
        #expect(try waiting.readResponse().status == 202)
        #expect(throws: TestClientError.self) { _ = try TestConnection(port: server.port) }
    }

    @Test("SIGINT ends without a delay")
    func interrupt() throws {
        let server = try TestServer(try TestDirectory(), ["--drain-delay", "3600"])
        #expect(try server.stop(SIGINT) == 0)
        #expect(server.event("stopped") != nil)
    }

    @Test("stopping with a job under way keeps the job for the next start")
    func stopWithJob() throws {
        let directory = try TestDirectory()
        let server = try TestServer(directory)
        let id = try server.train(trainBody("mood", rows: 100, epochs: 100_000))
        _ = try server.job(id) { ($0["progress"] as? [String: Any])?["epoch"] is Int }
        let pid = try #require(server.event("trainer_started")?["pid"].flatMap(pid_t.init))
        #expect(try server.stop() == 0)
        #expect(kill(pid, 0) != 0)
        let next = try TestServer(directory, ["--trainer", "off"])
        let job = try next.send("GET", "/train/\(id)").object
        #expect(job["state"] as? String == "queued")
        #expect(try next.stop() == 0)
    }

    @Test(
        "a signal that comes before the start is over ends the program",
        arguments: [SIGTERM, SIGINT]
    )
    func earlySignal(number: Int32) throws {
        for _ in 0..<5 {
            let server = try TestServer(try TestDirectory(), awaitsStart: false)
            // From here on the signal no longer ends the process by itself.
            try wait("a process that handles signals") { handles(number, server.pid) }
            #expect(try server.stop(number) == 0)
            #expect(server.event("stopped") != nil)
        }
    }

    @Test("signals that mean nothing here do no harm")
    func otherSignals() throws {
        let server = try TestServer(try TestDirectory())
        for signal in [SIGHUP, SIGPIPE, SIGUSR1] { kill(server.pid, signal) }
        #expect(try server.send("GET", "/livez").status == 200)
        kill(server.pid, SIGTERM)
        #expect(try server.stop() == 0)
    }

    @Test("the health check says yes while a server runs, and no without one")
    func healthcheck() throws {
        let server = try TestServer(try TestDirectory())
        func check(_ arguments: [String]) throws -> Int32 {
            let process = Process()
            process.executableURL = try program("server")
            process.arguments = ["--healthcheck"] + arguments
            try process.run()
            process.waitUntilExit()
            return process.terminationStatus
        }
        let (port, admin) = (server.port, server.adminPort)
        #expect(try check(["--admin-port", "\(admin)"]) == 0)
        #expect(try check(["--admin-port", "off", "--port", "\(port)", "--host", "0.0.0.0"]) == 0)
        #expect(try server.stop() == 0)
        #expect(try check(["--admin-port", "\(admin)"]) == 1)
    }

    @Test("neither log nor metrics hold a text or a label that was sent")
    func keepsQuiet() throws {
        let server = try TestServer(
            try TestDirectory(),
            ["--log-level", "debug", "--access-log", "--trainer", "off"]
        )
        let secret = "canary4711"
        for body in [#"{"text":"\#(secret)"}"#, #"{"text":\#(secret)}"#] {
            _ = try server.send("POST", "/classify", body)
        }
        let rows = #"[{"text":"\#(secret)","label":"\#(secret)"},{"text":"b","label":"c"}]"#
        _ = try server.send("POST", "/train", #"{"model":"m","examples":\#(rows)}"#)
        _ = try server.send("GET", "/\(secret)?\(secret)", headers: "X-Secret: \(secret)\r\n")
        for header in ["Authorization: Bearer", "Cookie:"] {
            _ = try server.send("GET", "/models", headers: "\(header) \(secret)\r\n")
        }
        let metrics = try server.send("GET", "/metrics", port: server.adminPort).text
        #expect(!metrics.contains(secret))
        #expect(try server.stop() == 0)
        #expect(server.log.count > 5)
        #expect(!server.log.contains { $0.values.contains { $0.contains(secret) } })
    }

    @Test("a body that is too large is told the limit and its option, announced or not")
    func bodyTooLarge() throws {
        let server = try TestServer(try TestDirectory(), ["--classify-body-bytes", "1000"])
        let head = "POST /classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
        let piece = String(repeating: "x", count: 1001)
        for body in [
            "Content-Length: 1001\r\n\r\n\(piece)",
            "Transfer-Encoding: chunked\r\n\r\n3e9\r\n\(piece)\r\n0\r\n\r\n",
        ] {
            let connection = try TestConnection(port: server.port)
            let answer = try connection.exchange(head + body)
            #expect(answer.status == 413)
            for word in ["1000 bytes", "--classify-body-bytes", "in parts"] {
                #expect(answer.text.contains(word), "\(answer.text)")
            }
        }
        #expect(try server.stop() == 0)
    }
}
