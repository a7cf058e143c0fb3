import Glibc
import HTTPServer
import Model
import Store
import TestStores
import Testing

@testable import ClassificationService

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

    @Test("scores and unknown words are told by model, in ranges that do not change")
    func drift() {
        _ = service.post("/classify", #"{"texts":["happy","happy you","you you you you"]}"#)
        let lines = metrics()
        for line in [
            #"elman_prediction_score_count{model="mood"} 3"#,
            #"elman_prediction_score_bucket{model="mood",le="+Inf"} 3"#,
            #"elman_unknown_words_ratio_bucket{model="mood",le="0"} 1"#,
            #"elman_unknown_words_ratio_bucket{model="mood",le="0.45"} 1"#,
            #"elman_unknown_words_ratio_bucket{model="mood",le="0.5"} 2"#,
            #"elman_unknown_words_ratio_bucket{model="mood",le="1"} 3"#,
            #"elman_unknown_words_ratio_sum{model="mood"} 1.5"#,
        ] { #expect(lines.contains(line), "\(line)") }
        let bounds = lines.filter { $0.hasPrefix("elman_prediction_score_bucket") }
            .compactMap { $0.split(separator: "le=\"").last?.split(separator: "\"").first }
        #expect(bounds.prefix(4) == ["0", "0.05", "0.1", "0.15"] && bounds.count == 22)
    }

    @Test("the bytes of the store and the age of the queue are told")
    func storeAndQueue() throws {
        func value(_ name: String) -> Double? {
            metrics().first { $0.hasPrefix(name + " ") }
                .flatMap { Double($0.dropFirst(name.count + 1)) }
        }
        #expect(value("elman_state_bytes") == Double(service.store.byteCount))
        #expect(value("elman_train_queue_age_seconds") == 0)
        _ = service.post("/train", #"{"model":"m","examples":\#(TrainTests.rows)}"#)
        usleep(50_000)
        for _ in 0..<2000 where (value("elman_train_queue_age_seconds") ?? 0) < 0.05 {
            usleep(5000)
        }
        #expect((value("elman_train_queue_age_seconds") ?? 0) >= 0.05)
    }

    @Test("every status that the contract names, or the transport answers, shows as itself")
    func statuses() throws {
        let named = ClassificationService.contractBytes
        let contract = String(decoding: named, as: UTF8.self).matches(of: /'([1-5][0-9]{2})':/)
            .compactMap { Int($0.1) }
        #expect(contract.contains(201) && contract.contains(409))
        let all = Set(contract + HTTPRefusal.all.map(\.status))
        #expect(all.isSubset(of: PathMetrics.statuses))
        let bytes = try checkpoint(model: "new").encoded()
        let type = [(name: "Content-Type", value: "application/json")]
        let target = "/models/new/versions"
        #expect(service.send(.post, target, headers: type, body: bytes).status == 201)
        #expect(service.send(.delete, "/models/new/versions/1").status == 409)
        let lines = metrics()
        for (route, code) in [
            ("/models/{model}/versions", 201), ("/models/{model}/versions/{version}", 409),
        ] {
            let line = "elman_http_requests_total{route=\"\(route)\",code=\"\(code)\"} 1"
            #expect(lines.contains(line), "\(line)")
        }
    }

    @Test("what Prefer waits for is no work")
    func waits() throws {
        let body = #"{"model":"m","examples":\#(TrainTests.rows)}"#
        let start = ContinuousClock.now
        let answer = service.post("/train", body, headers: [("Prefer", "wait=2")])
        #expect(answer.status == 202 && ContinuousClock.now - start >= .seconds(2))
        let name = #"elman_http_request_duration_seconds_sum{route="/train"} "#
        let sum = metrics().first { $0.hasPrefix(name) }.flatMap {
            Double($0.dropFirst(name.count))
        }
        #expect(try #require(sum) < 1.5)
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
