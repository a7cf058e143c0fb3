import HTTPClient
import Testing

@testable import Tracing

/// OpenTelemetry's variables.
@Suite struct TracingSettingsTests {
    private func settings(_ variables: [String: String]) throws -> TracingSettings? {
        try TracingSettings { variables[$0] }
    }

    @Test(
        "without an endpoint, or switched off, there is no tracing",
        arguments: [
            [:], ["OTEL_SERVICE_NAME": "x"], ["OTEL_EXPORTER_OTLP_ENDPOINT": ""],
            ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://a", "OTEL_SDK_DISABLED": "true"],
            ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://a", "OTEL_TRACES_EXPORTER": "none"],
        ]
    )
    func off(variables: [String: String]) throws {
        #expect(try settings(variables) == nil)
    }

    @Test("an endpoint for all signals gets a path, one for traces is taken as it is")
    func endpoints() throws {
        let cases = [
            ("http://localhost:4318", "localhost", "4318", "/v1/traces"),
            ("http://localhost:4318/", "localhost", "4318", "/v1/traces"),
            ("https://otel.example/base", "otel.example", "443", "/base/v1/traces"),
            ("HTTP://[::1]:4318", "::1", "4318", "/v1/traces"),
            ("http://10.0.0.1", "10.0.0.1", "80", "/v1/traces"),
        ]
        for (address, host, port, path) in cases {
            let found = try #require(try settings(["OTEL_EXPORTER_OTLP_ENDPOINT": address]))
            #expect(found.collector.host == host && found.collector.port == port)
            #expect(found.collector.path == path)
            #expect(found.collector.usesTLS == address.hasPrefix("https"))
        }
        let traces = try settings([
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://a",
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://b/in",
        ])
        #expect(traces?.collector.host == "b" && traces?.collector.path == "/in")
    }

    @Test(
        "an endpoint that is none is refused with its name",
        arguments: [
            "localhost:4318", "ftp://a", "http://", "http://a:port", "http://a:70000",
            "http://user:secret@a", "http:///path", "http://a b", "http://a\r\nX: y",
        ]
    )
    func badEndpoints(address: String) {
        for name in ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] {
            let error = #expect(throws: TracingSettingsError.self) {
                try settings([name: address])
            }
            #expect(error?.description.contains(name) == true)
        }
    }

    @Test("headers, resource and limits are read; what is wrong is told and left out")
    func others() throws {
        let found = try #require(
            try settings([
                "OTEL_EXPORTER_OTLP_ENDPOINT": "http://a",
                "OTEL_EXPORTER_OTLP_HEADERS": "x-key=a%20b, other=c=d",
                "OTEL_RESOURCE_ATTRIBUTES": "service.name=first,deployment.environment=test,broken",
                "OTEL_SERVICE_NAME": "desk", "OTEL_EXPORTER_OTLP_TIMEOUT": "250",
                "OTEL_BSP_MAX_QUEUE_SIZE": "10", "OTEL_BSP_SCHEDULE_DELAY": "soon",
                "OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.5",
                "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
            ])
        )
        #expect(found.headers.map(\.name) == ["x-key", "other"])
        #expect(found.headers.map(\.value) == ["a b", "c=d"])
        #expect(found.resource.map(\.name) == ["deployment.environment", "service.name"])
        #expect(found.resource.map(\.value) == ["test", "desk"])
        #expect(found.timeout == 250 && found.queueLength == 10 && found.batchLength == 10)
        #expect(found.delay == 5000)
        #expect(found.sampler == Sampler(followsParent: true, ratio: 0.5))
        #expect(found.warnings.count == 3)
        // Nothing that ends a line gets into a request.
        let forged = try settings([
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://a",
            "OTEL_EXPORTER_OTLP_HEADERS": "x-key=a%0D%0AX-Other: b",
        ])
        #expect(forged?.headers.isEmpty == true && forged?.warnings.count == 1)
    }
}
