import ClassificationService
import Glibc
import HTTPServer
import Model
import Store
import TestStores
import Testing

@Suite struct MetricsTests {
    let service: TestService

    init() throws { service = try TestService() }

    func metrics() -> [String] {
        service.get("/metrics").text.split(separator: "\n").map(String.init)
    }

    @Test("requests, durations, predictions and the version are counted")
    func counts() {
        for text in ["happy", "happy you", "sad"] {
            _ = service.post("/classify", "{\"text\":\"\(text)\"}")
        }
        _ = service.post("/classify", #"{"texts":["sad","sad"]}"#)
        _ = service.post("/classify", "{")
        _ = service.get("/nothing")
        let lines = metrics()
        for line in [
            #"elman_http_requests_total{route="/classify",code="200"} 4"#,
            #"elman_http_requests_total{route="/classify",code="400"} 1"#,
            #"elman_http_requests_total{route="none",code="404"} 1"#,
            #"elman_http_request_duration_seconds_count{route="/classify"} 5"#,
            #"elman_http_request_duration_seconds_bucket{route="/classify",le="+Inf"} 5"#,
            #"elman_predictions_total{model="mood",label="happy"} 2"#,
            #"elman_predictions_total{model="mood",label="sad"} 3"#,
            #"elman_tokens_total{model="mood"} 6"#, #"elman_unknown_tokens_total{model="mood"} 1"#,
            #"elman_truncated_texts_total{model="mood"} 0"#, "elman_problems 0",
        ] { #expect(lines.contains(line), "\(line)") }
        #expect(lines.contains { $0.contains(#"_bucket{route="/classify",le="1e-05"}"#) })
        #expect(
            lines.contains { $0.hasPrefix(#"elman_model_info{model="mood",version="1",digest="#) }
        )
        for name in [
            "process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds",
        ] {
            #expect(lines.contains { $0.hasPrefix(name + " ") }, "\(name)")
        }
    }

    @Test("jobs are counted as they wait, run and end, however short they are")
    func jobs() throws {
        func submit() throws -> String {
            let body = #"{"model":"m","examples":\#(TrainTests.rows)}"#
            return try #require(service.post("/train", body).object["id"] as? String)
        }
        func shows(_ lines: String...) -> Bool {
            for _ in 0..<2000 {
                if Set(lines).isSubset(of: metrics()) { return true }
                usleep(5000)
            }
            return false
        }
        let (queued, running) = (
            #"elman_train_jobs{state="queued"}"#, #"elman_train_jobs{state="running"}"#
        )
        #expect(shows(queued + " 0", running + " 0", #"elman_train_jobs_total{state="failed"} 0"#))
        _ = try submit()
        let cancelled = try submit()
        #expect(shows(queued + " 2", running + " 0"))
        let claimed = try #require(try service.store.claim(worker: "test", lease: .seconds(30)))
        #expect(shows(queued + " 1", running + " 1"))
        try service.publish(claimed)
        _ = service.send(.delete, "/train/\(cancelled)")
        // One that nobody saw waiting.
        let short = try submit()
        _ = service.send(.delete, "/train/\(short)")
        #expect(
            shows(
                queued + " 0",
                running + " 0",
                #"elman_train_jobs_total{state="succeeded"} 1"#,
                #"elman_train_jobs_total{state="cancelled"} 2"#,
                #"elman_train_duration_seconds_count{state="succeeded"} 1"#,
                #"elman_train_duration_seconds_bucket{state="succeeded",le="+Inf"} 1"#,
                "elman_followers 0"
            )
        )
        // A job that never began took no time.
        #expect(!metrics().contains { $0.contains(#"duration_seconds_count{state="cancelled"}"#) })
    }

    @Test("every line is Prometheus text, and each metric has its type once")
    func format() throws {
        let label = "a\\\\b\\\"c"
        let labels = [label.replacing("\\\\", with: "\\").replacing("\\\"", with: "\""), "other"]
        let bytes = try checkpoint(model: "odd", labels: labels).encoded()
        let service = try TestService(files: ["odd.json": bytes])
        _ = service.post("/classify", #"{"text":"happy"}"#)
        let answer = service.get("/metrics")
        #expect(answer.contentType == "text/plain; version=0.0.4; charset=utf-8")
        #expect(answer.text.contains(#"label="\#(label)"} 1"#))
        var types: Set<String> = []
        for line in answer.text.split(separator: "\n") {
            if line.hasPrefix("# TYPE ") {
                #expect(types.insert(String(line.split(separator: " ")[2])).inserted)
            } else if !line.hasPrefix("# HELP ") {
                let pattern = /[a-z_]+(\{([a-z]+="([^"\\]|\\.)*",?)+\})? [0-9.e+-]+/
                #expect(line.wholeMatch(of: pattern) != nil, "\(line)")
            }
        }
    }

    @Test("thousands of paths, models and texts add no series")
    func isBounded() {
        _ = service.post("/classify", #"{"text":"a"}"#)
        _ = service.get("/nothing")
        _ = service.get("/models/none")
        _ = service.post("/classify", #"{"text":"a","model":"none"}"#)
        let before = metrics().count
        for index in 0..<1000 {
            _ = service.get("/path\(index)")
            _ = service.get("/models/m\(index)/versions/\(index)")
            _ = service.post("/classify", "{\"text\":\"t\(index)\",\"model\":\"m\(index)\"}")
        }
        #expect(metrics().count - before <= 60)
    }
}
