import Foundation
import HTTPServer
import HTTPTestClient
import Testing

@Suite struct HTTPServerTests {
    @Test("answers requests one after another on a connection")
    func keepsAlive() throws {
        let server = try EchoServer()
        let connection = try TestConnection(port: server.port)
        for index in 0..<3 {
            let answer = try connection.exchange(
                "POST /\(index)?q HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nab\(index)"
            )
            #expect(answer.status == 200)
            #expect(answer.text == "POST /\(index)?q body=3<ab\(index)>")
            #expect(answer.header("Content-Type") == "text/plain")
            #expect(answer.header("x-echo") == "1")
            #expect(answer.header("Date") != nil)
            #expect(answer.header("Connection") == nil)
        }
    }

    @Test("hands every known method to the service", arguments: HTTPMethod.allCases)
    func handsMethodsOver(method: HTTPMethod) throws {
        let server = try EchoServer()
        let connection = try TestConnection(port: server.port)
        let length =
            [.post, .put, .patch].contains(method) ? "Content-Length: 0\r\n" : ""
        let answer = try connection.exchange(
            "\(method.rawValue) /p HTTP/1.1\r\nHost: a\r\n\(length)\r\n"
        )
        #expect(answer.status == 200)
        #expect(answer.text == (method == .head ? "" : "\(method.rawValue) /p body=0<>"))
    }

    @Test("answers HEAD with the fields of GET and no body, refusals too")
    func leavesBodyOut() throws {
        let server = try EchoServer()
        let connection = try TestConnection(port: server.port)
        let head = try connection.exchange("HEAD /p HTTP/1.1\r\nHost: a\r\n\r\n")
        // A body that was sent would spoil this answer.
        let get = try connection.exchange("GET /pp HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(head.header("Content-Length") == get.header("Content-Length"))
        #expect(head.headers.map(\.name) == get.headers.map(\.name))
        let refusal = try connection.exchange(
            "HEAD /p HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n"
        )
        #expect(refusal.status == 400)
        #expect(try connection.readToEnd().isEmpty)
    }

    @Test("closes where the client asks for it")
    func closesOnDemand() throws {
        let server = try EchoServer()
        let scripts = [
            "GET /p HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "GET /p HTTP/1.0\r\n\r\n",
        ].map { Conversation.Script($0, answers: .max) }
        for said in try Conversation.hold(scripts, port: server.port) {
            #expect(said.statuses == [200])
            #expect(said.isClosed)
        }
    }

    @Test("refuses what the service does not admit, and closes")
    func refusesWhatIsNotAdmitted() throws {
        let server = try EchoServer()
        let connection = try TestConnection(port: server.port)
        let answer = try connection.exchange("GET /refused HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(answer.description == "401 who are you?")
        #expect(answer.header("Connection") == "close")
        try connection.readToEnd()
        #expect(server.service.targets.isEmpty)
    }

    @Test("tells the time once, as HTTP writes it")
    func tellsDate() throws {
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(identifier: "GMT")
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        let server = try EchoServer()
        let connection = try TestConnection(port: server.port)
        for _ in 0..<3 {
            let answer = try connection.exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            let dates = answer.headers.filter { $0.name.lowercased() == "date" }.map(\.value)
            #expect(dates.count == 1)
            let told = try #require(format.date(from: dates[0]))
            #expect(abs(told.timeIntervalSinceNow) <= 2)
            #expect(format.string(from: told) == dates[0])
            usleep(600_000)
        }
    }

    @Test("carries fields of any number and length")
    func carriesManyFields() throws {
        let fields = (0..<60).map {
            ("X-\($0)", String(repeating: "v", count: 1 + $0))
        }
        let server = try HTTPServer(.init(), service: FixedService(headers: fields)) { _ in }
        let connection = try TestConnection(port: server.port)
        for _ in 0..<3 {
            let answer = try connection.exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            for (name, value) in fields { #expect(answer.header(name) == value) }
        }
    }

    @Test("leaves out a field that HTTP cannot carry")
    func leavesOutBadFields() throws {
        let server = try HTTPServer(.init(), service: FixedService()) { _ in }
        let connection = try TestConnection(port: server.port)
        let answer = try connection.exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(answer.status == 204)
        #expect(answer.header("Injected") == nil)
        #expect(answer.header("Good") == "1")
        #expect(answer.header("Client") == "127.0.0.1")
    }

    @Test("passes on what libmicrohttpd logs")
    func passesLogOn() throws {
        let lines = LogLines()
        let server = try HTTPServer(.init(), service: FixedService()) { lines.append($0) }
        let connection = try TestConnection(port: server.port)
        try connection.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n")
        try connection.readToEnd()
        #expect(eventually { lines.all.contains { $0.contains("Content-Length") } })
        #expect(lines.all.allSatisfy { !$0.hasSuffix("\n") })
    }

    @Test("names every refusal once, in words that fit its status")
    func namesRefusals() {
        let refusals = HTTPRefusal.all
        #expect(Set(refusals.map(\.code)).count == refusals.count)
        #expect(refusals.allSatisfy { (400...599).contains($0.status) && $0.detail.hasSuffix(".") })
        #expect(refusals.contains { $0.code == "body_too_large" && $0.status == 413 })
        #expect(refusals.contains { $0.code == "stopping" && $0.status == 503 })
    }
}

/// Answers everything with the same fields.
private struct FixedService: HTTPService {
    var headers: [(name: String, value: String)] = []

    func admit(_ head: borrowing HTTPRequest) -> HTTPAdmission { .accept(maximumBodyBytes: 0) }

    func respond(to request: borrowing HTTPRequest) -> HTTPReply {
        .now(
            HTTPResponse(
                status: 204,
                headers: [
                    ("Bad", "a\r\nInjected: 1"), ("Good", "1"), ("Bad", "a\u{1}\u{1}Injected: 1"),
                    ("Bad\r\nInjected", "1"), ("Injected: 1\r\nBad", "1"), ("Injected", ""),
                    ("Client", request.remoteAddress ?? "none"),
                ] + headers
            )
        )
    }

    func refusal(_ refusal: HTTPRefusal, of _: borrowing HTTPRequest) -> HTTPResponse {
        HTTPResponse(status: refusal.status)
    }

    func turnedAway(_ how: HTTPTurnedAway) {}
}

private final class LogLines: Sendable {
    private let lines = Guarded<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    func append(_ line: String) { lines.withLock { $0.append(line) } }
}
