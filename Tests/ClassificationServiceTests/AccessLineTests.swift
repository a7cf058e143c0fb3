import Foundation
import HTTPServer
import Logging
import Testing

@testable import ClassificationService

/// The lines of requests in the log.
@Suite struct AccessLineTests {
    private let events = EventLog()

    private func service(_ logs: Bool = true) throws -> TestService {
        try TestService(log: events.logger) { $0.logsRequests = logs }
    }

    @Test("a line tells method, path, status, sizes, model, trace and request")
    func facts() throws {
        let service = try service()
        let body = #"{"text":"happy"}"#
        let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        let answer = service.post(
            "/classify",
            body,
            headers: [("traceparent", trace), ("X-Request-Id", "mine")]
        )
        let line = try #require(events.facts("request").last)
        #expect(line["method"] == "POST" && line["route"] == "/classify")
        #expect(line["status"] == "200" && line["model"] == "mood")
        #expect(line["bytes_in"] == "\(body.utf8.count)")
        #expect(line["bytes_out"] == "\(answer.body.count)")
        #expect(line["traceparent"] == trace && line["request_id"] == "mine")
        #expect(Int(line["microseconds"] ?? "") != nil)
        #expect(line["token"] == nil && line["client"] == nil)
        for (method, target, model) in [
            (HTTPMethod.get, "/models/mood", "mood"), (.get, "/models/other", "other"),
            (.get, "/models", nil), (.get, "/nothing", nil), (.put, "/classify", nil),
        ] {
            _ = service.send(method, target)
            #expect(events.facts("request").last?["model"] == model, "\(target)")
        }
        #expect(
            events.facts("request").map { $0["status"] ?? "" } == [
                "200", "200", "404", "200", "404", "405",
            ]
        )
    }

    @Test("requests that are refused at their head, and answers that come later, have a line")
    func others() throws {
        let service = try service()
        _ = service.post("/train", #"{"model":"m","examples":\#(TrainTests.rows)}"#)
        var line = try #require(events.facts("request").last)
        #expect(line["route"] == "/train" && line["status"] == "202" && line["model"] == "m")
        _ = service.send(.post, "/none", body: Array(repeating: 0x20, count: 20_000))
        line = try #require(events.facts("request").last)
        #expect(line["route"] == "none" && line["status"] == "404" && line["bytes_in"] == "0")
        _ = service.send(.post, "/classify", body: Array(repeating: 0x20, count: 400_000))
        line = try #require(events.facts("request").last)
        #expect(line["route"] == "/classify" && line["status"] == "413")
        #expect(events.facts("request").count == 3)
    }

    @Test("a token is told by its name")
    func token() throws {
        let tokens = try TokenFixture()
        let service = try TestService(log: events.logger) { settings in
            settings.tokens = tokens.table
            settings.logsRequests = true
        }
        let shown = tokens.header(.classify)
        _ = service.post("/classify", #"{"text":"happy"}"#, headers: shown)
        #expect(events.facts("request").last?["token"] == "classify")
        _ = service.post("/classify", "{", headers: shown)
        #expect(events.facts("request").last?["status"] == "400")
        #expect(events.facts("request").last?["token"] == "classify")
        _ = service.get("/models")
        #expect(events.facts("request").last?["status"] == "401")
        #expect(events.facts("request").last?["token"] == nil)
    }

    @Test("without access lines none is written")
    func off() throws {
        let service = try service(false)
        _ = service.post("/classify", #"{"text":"happy"}"#)
        _ = service.get("/nothing")
        #expect(events.facts("request").isEmpty)
    }

    @Test("numbers are JSON numbers, and what a client sends is escaped")
    func json() throws {
        let hostile = "a\u{1B}[31m\u{9B}\u{202E}\u{7F}\r\n\"b"
        let line = LineLogHandler.json(
            "now",
            .info,
            "request",
            [("model", .string(hostile)), ("status", .stringConvertible(200)), ("n", "200")]
        )
        let text = String(decoding: line.dropLast(), as: UTF8.self)
        #expect(text.contains(#""status":200"#) && text.contains(#""n":"200""#))
        #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value < 0x7F })
        let object = try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any]
        #expect(object?["model"] as? String == hostile)
        let plain = LineLogHandler.plain("now", .info, "request", [("model", .string(hostile))])
        #expect(String(decoding: plain, as: UTF8.self).contains("a<U+001B>[31m<U+009B><U+202E>"))
    }
}

@Suite struct ThrottledLogTests {
    @Test("a burst is two lines, and the last tells how many were left out")
    func burst() throws {
        let events = EventLog()
        let log = ThrottledLog(events.logger)
        for number in 0..<100 { log.log("e", metadata: ["n": "\(number)"]) }
        #expect(events.facts("e") == [["n": "0", "left_out": "0"]])
        for _ in 0..<500 where events.facts("e").count < 2 { usleep(10_000) }
        #expect(events.facts("e").last == ["n": "99", "left_out": "98"])
        usleep(1_100_000)
        #expect(events.facts("e").count == 2)
    }
}
