import Foundation
import HTTPTestClient
import TestCollector
import Testing

/// Traces as an operator switches them on.
@Suite struct TracingProgramTests {
    static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    static let parent = "00f067aa0ba902b7"
    let directory: TestDirectory

    init() throws { directory = try TestDirectory() }

    private func server(_ variables: [String: String] = [:]) throws -> TestServer {
        let mood = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appending(path: "../../models/mood.json").standardized
        let copy = directory.path + "/models/mood.json"
        if !FileManager.default.fileExists(atPath: copy) {
            try FileManager.default.copyItem(atPath: mood.path, toPath: copy)
        }
        return try TestServer(directory, environment: variables)
    }

    private func field(_ flags: String = "01") -> String {
        "traceparent: 00-\(Self.trace)-\(Self.parent)-\(flags)\r\n"
    }

    @Test("a traceparent is continued and answered, also where nothing is exported")
    func answers() throws {
        let server = try server()
        for flags in ["00", "01"] {
            let answer = try server.send(
                "POST",
                "/classify",
                #"{"text":"happy"}"#,
                headers: field(flags)
            )
            #expect(answer.status == 200)
            let answered = try #require(answer.header("traceparent")).split(separator: "-")
            #expect(answered.count == 4 && answered[0] == "00" && answered[1] == Self.trace)
            #expect(answered[2] != Self.parent && answered[3] == flags)
        }
        for target in ["/models", "/models/none", "/nothing"] {
            let answer = try server.send("GET", target, headers: field())
            #expect(answer.header("traceparent")?.contains(Self.trace) == true, "\(target)")
        }
        for bad in ["", "traceparent: 00-\(Self.trace)-0000000000000000-01\r\n"] {
            let answer = try server.send("GET", "/models", headers: bad)
            #expect(answer.status == 200 && answer.header("traceparent") == nil)
        }
    }

    @Test("spans of request, model and store arrive at the collector, and their count in metrics")
    func exports() throws {
        let collector = try TestCollector()
        let server = try server([
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:\(collector.port)",
            "OTEL_SERVICE_NAME": "desk", "OTEL_BSP_SCHEDULE_DELAY": "50",
        ])
        #expect(server.event("tracing")?["collector"] == "127.0.0.1:\(collector.port)")
        let answer = try server.send(
            "POST",
            "/classify",
            #"{"text":"happy"}"#,
            headers: field() + "tracestate: a=b\r\n"
        )
        let mine = try #require(answer.header("traceparent")).split(separator: "-")[2]
        #expect(try server.send("GET", "/models").header("traceparent") != nil)
        #expect(try server.send("GET", "/models", headers: field("00")).status == 200)
        try wait("the spans") { collector.spans.contains { $0.name == "GET /models" } }

        let spans = collector.spans
        let request = try #require(spans.first { $0.name == "POST /classify" })
        #expect(request.id == mine && request.parent == Self.parent)
        #expect(request.trace == Self.trace && request.state == "a=b" && request.kind == 2)
        #expect(request.resource["service.name"] == "desk")
        #expect(request.attributes["http.response.status_code"] == "200")
        #expect(request.attributes["http.route"] == "/classify")
        #expect(request.attributes["url.scheme"] == "http")
        let model = try #require(spans.first { $0.name == "classify mood" })
        #expect(model.parent == request.id && model.trace == Self.trace)
        #expect(model.attributes["elman.version"] == "1" && model.attributes["elman.texts"] == "1")
        #expect(request.start <= model.start && model.end <= request.end)

        let list = try #require(spans.first { $0.name == "GET /models" })
        #expect(list.parent == nil && list.trace != Self.trace)
        let store = spans.filter { $0.parent == list.id }
        #expect(!store.isEmpty && store.allSatisfy { $0.kind == 3 && $0.name == "store read" })
        #expect(store.allSatisfy { $0.attributes["db.system.name"] == "sqlite" })
        // What the parent does not record is not recorded here.
        #expect(spans.filter { $0.trace == Self.trace && $0.name == "GET /models" }.isEmpty)
        let metrics = String(decoding: try server.send("GET", "/metrics").body, as: UTF8.self)
        #expect(metrics.contains("elman_trace_spans_total{outcome=\"exported\"} "))
        #expect(!metrics.contains("elman_trace_spans_total{outcome=\"exported\"} 0\n"))
    }

    @Test("a server that speaks TLS says so in its spans")
    func encrypted() throws {
        let collector = try TestCollector()
        let pair = TestCertificate()
        let files = (certificate: directory.path + "/a.pem", key: directory.path + "/a.key")
        try Data(pair.certificate).write(to: URL(fileURLWithPath: files.certificate))
        try Data(pair.key).write(to: URL(fileURLWithPath: files.key))
        let server = try TestServer(
            directory,
            ["--tls-certificate", files.certificate, "--tls-key", files.key],
            environment: ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:\(collector.port)"]
        )
        let request = "GET /models HTTP/1.1\r\nHost: localhost\r\n\r\n"
        #expect(try TLSClient(port: server.port).exchange(request).status == 200)
        #expect(try server.stop() == 0)
        try wait("the span") { collector.spans.contains { $0.name == "GET /models" } }
        let span = try #require(collector.spans.first { $0.name == "GET /models" })
        #expect(span.attributes["url.scheme"] == "https")
    }

    @Test("a change, a refusal and a failure of the store are told")
    func changes() throws {
        let collector = try TestCollector()
        let server = try server([
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:\(collector.port)/in",
            "OTEL_BSP_SCHEDULE_DELAY": "600000",
        ])
        let rows = #"[{"text":"a","label":"x"},{"text":"b","label":"y"}]"#
        let body = #"{"model":"desk","examples":\#(rows)}"#
        #expect(try server.send("POST", "/models/desk/examples", body).status < 500)
        #expect(try server.send("DELETE", "/models/nobody").status == 404)
        #expect(try server.stop() == 0)
        // What waits is sent at the end.
        #expect(collector.requests.map(\.path) == ["/in"])
        let missing = try #require(collector.spans.first { $0.name == "DELETE /models/{model}" })
        #expect(missing.attributes["http.response.status_code"] == "404" && !missing.isError)
        #expect(collector.spans.contains { $0.name == "store write" && !$0.isError })
    }

    @Test("a collector that is away holds nothing up, and the log says so once")
    func away() throws {
        let server = try server([
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_BSP_SCHEDULE_DELAY": "1",
        ])
        for _ in 0..<50 { #expect(try server.send("GET", "/models").status == 200) }
        // Three attempts, with pauses of 1 and 2 seconds.
        try wait("the warning") { server.event("traces_dropped") != nil }
        #expect(server.log.count { $0["event"] == "traces_dropped" } == 1)
        #expect(try server.stop() == 0)
    }

    @Test("an endpoint that is none stops the start with status 78")
    func refused() throws {
        let server = try server(["OTEL_EXPORTER_OTLP_ENDPOINT": "localhost:4318"])
        #expect(try server.exitStatus() == 78)
        let reason = server.event("start_refused")?["reason"]
        #expect(reason?.contains("OTEL_EXPORTER_OTLP_ENDPOINT") == true)
    }
}
