import Foundation
import HTTPTestClient
import Synchronization
import TestCollector
import Testing

@testable import Tracing

/// Spans on their way to a collector.
@Suite struct TracerTests {
    /// What a tracer told.
    private final class News: Sendable {
        private let told = Mutex<[TracingNews]>([])

        var all: [TracingNews] { told.withLock { $0 } }

        func append(_ news: TracingNews) { told.withLock { $0.append(news) } }
    }

    private func tracer(
        _ endpoint: String,
        _ variables: [String: String] = [:],
        _ news: News = News()
    ) throws -> Tracer {
        var all = variables
        all["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint
        all["OTEL_BSP_SCHEDULE_DELAY"] = all["OTEL_BSP_SCHEDULE_DELAY"] ?? "600000"
        let settings = try #require(try TracingSettings { all[$0] })
        return Tracer(settings, version: "9") { news.append($0) }
    }

    private func span(_ name: String, of tracer: Tracer) -> Span {
        Span(tracer.begin(nil), parent: nil, name: name, kind: .server, start: 1, end: 3)
    }

    @Test("spans arrive with their attributes, the resource and the fields")
    func arrives() throws {
        let collector = try TestCollector()
        let tracer = try tracer(
            "http://127.0.0.1:\(collector.port)",
            ["OTEL_EXPORTER_OTLP_HEADERS": "x-key=secret", "OTEL_SERVICE_NAME": "desk"]
        )
        var first = span("POST /classify", of: tracer)
        first.attributes = [("text", .text("ä\"\n")), ("number", .number(.max))]
        first.state = "a=b"
        var second = Span(
            first.context.continued(),
            parent: first.context.span,
            name: "classify mood",
            kind: .inside,
            start: 1_795_818_439_688_000_001,
            end: 1_795_818_439_688_000_002
        )
        second.isError = true
        tracer.export([first, second])
        tracer.flush(within: .seconds(20))
        let request = try #require(collector.requests.first)
        #expect(request.path == "/v1/traces" && request.type == "application/json")
        #expect(request.key == "secret")
        let spans = collector.spans
        #expect(spans.map(\.name) == ["POST /classify", "classify mood"])
        #expect(spans[0].attributes == ["text": "ä\"\n", "number": "\(Int.max)"])
        #expect(spans[0].state == "a=b" && spans[0].parent == nil && spans[0].kind == 2)
        #expect(spans[0].trace == first.context.trace.text && spans[0].trace.count == 32)
        #expect(spans[1].parent == spans[0].id && spans[1].trace == spans[0].trace)
        #expect(spans[1].end - spans[1].start == 1 && spans[1].isError && !spans[0].isError)
        #expect(spans[0].resource == ["service.name": "desk", "service.version": "9"])
        #expect(tracer.exportedSpans == 2 && tracer.droppedSpans == 0)
    }

    @Test("spans leave by themselves, so many in one request at most")
    func batches() throws {
        let collector = try TestCollector()
        let tracer = try tracer(
            "http://127.0.0.1:\(collector.port)",
            ["OTEL_BSP_SCHEDULE_DELAY": "20", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "3"]
        )
        for index in 0..<10 { tracer.export([span("\(index)", of: tracer)]) }
        let end = ContinuousClock.now + .seconds(20)
        while tracer.exportedSpans < 10 && ContinuousClock.now < end { usleep(5000) }
        #expect(collector.spans.map(\.name) == (0..<10).map { "\($0)" })
        #expect(collector.requests.count >= 4)
    }

    @Test("a full queue drops and counts; who hands spans over never waits")
    func drops() throws {
        // Takes connections and answers none.
        let silent = try silentListener()
        defer { close(silent.descriptor) }
        let tracer = try tracer(
            "http://127.0.0.1:\(silent.port)",
            [
                "OTEL_BSP_SCHEDULE_DELAY": "1", "OTEL_BSP_MAX_QUEUE_SIZE": "100",
                "OTEL_EXPORTER_OTLP_TIMEOUT": "60000",
            ]
        )
        let start = ContinuousClock.now
        for _ in 0..<10_000 { tracer.export([span("x", of: tracer)]) }
        #expect(ContinuousClock.now - start < .seconds(10))
        // 100 wait, and some were taken away to be sent.
        #expect(tracer.droppedSpans >= 10_000 - 300)
        #expect(tracer.exportedSpans == 0)
        let flush = ContinuousClock.now
        tracer.flush(within: .milliseconds(100))
        #expect(ContinuousClock.now - flush < .seconds(5))
    }

    @Test("a busy collector is asked again; one that refuses is told of once")
    func failures() throws {
        let busy = try TestCollector(statuses: [503, 429])
        let news = News()
        let patient = try tracer("http://127.0.0.1:\(busy.port)", [:], news)
        patient.export([span("x", of: patient)])
        patient.flush(within: .seconds(30))
        #expect(patient.exportedSpans == 1 && news.all.isEmpty)

        let strict = try TestCollector(statuses: [400, 401])
        let refused = try tracer("http://127.0.0.1:\(strict.port)", [:], news)
        for _ in 0..<3 {
            refused.export([span("x", of: refused)])
            refused.flush(within: .seconds(20))
        }
        #expect(refused.droppedSpans == 2 && refused.exportedSpans == 1)
        #expect(
            news.all == [
                .failing("the collector at 127.0.0.1:\(strict.port) answers 400"), .working,
            ]
        )
    }

    @Test("over TLS the collector's certificate must fit")
    func tls() throws {
        let certificate = TestCertificate("localhost")
        let file = NSTemporaryDirectory() + "elman-\(UUID().uuidString).pem"
        try Data(certificate.certificate).write(to: URL(fileURLWithPath: file))
        defer { try? FileManager.default.removeItem(atPath: file) }
        let collector = try TestCollector(identity: (certificate.certificate, certificate.key))
        let good = try tracer(
            "https://localhost:\(collector.port)",
            ["OTEL_EXPORTER_OTLP_CERTIFICATE": file]
        )
        good.export([span("x", of: good)])
        good.flush(within: .seconds(20))
        #expect(good.exportedSpans == 1 && collector.spans.count == 1)

        let other = NSTemporaryDirectory() + "elman-\(UUID().uuidString).pem"
        try Data(TestCertificate("localhost").certificate).write(to: URL(fileURLWithPath: other))
        defer { try? FileManager.default.removeItem(atPath: other) }
        for (host, certificates, reason) in [
            ("localhost", other, "TLS"), ("127.0.0.1", file, "TLS"),
            ("localhost", "/nonexistent", "OTEL_EXPORTER_OTLP_CERTIFICATE"),
        ] {
            let client = CollectorClient(
                try #require(
                    try TracingSettings {
                        [
                            "OTEL_EXPORTER_OTLP_ENDPOINT": "https://\(host):\(collector.port)",
                            "OTEL_EXPORTER_OTLP_CERTIFICATE": certificates,
                        ][$0]
                    }
                )
            )
            #expect(client.post([0x7B, 0x7D])?.contains(reason) == true)
        }
        #expect(collector.requests.count == 1)
    }

    /// A socket that accepts nothing but keeps connections in its backlog.
    private func silentListener() throws -> (descriptor: Int32, port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && listen(descriptor, 64) == 0
                    && getsockname(descriptor, $0, &size) == 0
            }
        }
        try #require(isBound)
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }
}
