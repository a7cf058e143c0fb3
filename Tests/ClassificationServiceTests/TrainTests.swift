import ClassificationService
import Digest
import Examples
import Foundation
import HTTPServer
import Model
import Store
import Synchronization
import TestStores
import Testing

/// `POST /train` and what is made of it; a test plays the trainer.
@Suite struct TrainTests {
    let service: TestService

    init() throws { service = try TestService() }

    static let rows = #"[{"text":"yes","label":"a"},{"text":"no","label":"b"}]"#

    func submit(_ more: String = "", headers: [(name: String, value: String)] = []) -> Received {
        service.post(
            "/train",
            "{\"model\":\"m\",\"examples\":\(Self.rows)\(more)}",
            headers: headers
        )
    }

    /// Does what `trainer work` does with the next job.
    func finishNextJob(weight: Float = 2) throws {
        let claimed = try #require(try service.store.claim(worker: "test", lease: .seconds(30)))
        try service.publish(claimed, weight: weight)
    }

    @Test("a job is stored, and answered with its place and its whole form")
    func accepted() throws {
        let answer = submit(#","options":{"epochs":5,"seed":7},"promote":"never""#)
        #expect(answer.status == 202)
        let job = answer.object
        let id = try #require(job["id"] as? String)
        #expect(answer.headers["Location"] == "/train/\(id)")
        #expect(answer.headers["Preference-Applied"] == nil)
        let members: Set = [
            "id", "state", "model", "version", "promoted", "reason", "progress", "metrics", "error",
            "promote", "actor", "examples", "attempts", "options", "created_at", "started_at",
            "finished_at", "stage", "warm_start", "revision", "data_digest", "report", "extend",
            "added", "relabelled", "removed",
        ]
        #expect(Set(job.keys) == members)
        #expect(job["state"] as? String == "queued")
        #expect(job["promote"] as? String == "never")
        #expect(submit().object["promote"] as? String == "if_not_worse")
        for promote in ["always", "if_not_worse"] {
            let asked = submit(#","promote":"\#(promote)""#)
            #expect(asked.object["promote"] as? String == promote)
        }
        #expect(job["examples"] as? Int == 2)
        #expect(job["options"] as? [String: Int] == ["epochs": 5, "seed": 7])
        let missing = [
            "version", "promoted", "progress", "metrics", "error", "finished_at", "stage", "report",
            "revision",
        ]
        for name in missing {
            #expect(job[name] is NSNull, "\(name)")
        }
        #expect(service.get("/train/\(id)").object["id"] as? String == id)
        let stored = try service.store.examples(ofJob: id)
        #expect(stored.map(\.label) == ["a", "b"])
        #expect(stored.map(\.text) == ["yes", "no"])
    }

    @Test(
        "what cannot be trained on is refused with its pointer, and nothing is stored",
        arguments: [
            (#"{}"#, ["/model", "/examples"]), (#"[]"#, ["/model", ""]),
            (#"{"model":"m"}"#, ["/examples"]),
            (#"{"model":"m","examples":{}}"#, ["/examples"]),
            (#"{"model":"m","examples":[]}"#, ["/examples"]),
            (#"{"model":"m","examples":[{"text":"a","label":"x"}]}"#, ["/examples"]),
            (rows(["x", "x"]), ["/examples"]),
            (rows(["x", ""]), ["/examples/1/label"]), (rows(["x", " \\t"]), ["/examples/1/label"]),
            (rows(["x", "a\\nb"]), ["/examples/1/label"]),
            (rows(["x", String(repeating: "l", count: 257)]), ["/examples/1/label"]),
            (rows(["x", "sp\u{202E}am"]), ["/examples/1/label"]),
            (rows(["x", "a\u{2028}b"]), ["/examples/1/label"]),
            (rows(["x", "a\u{85}b"]), ["/examples/1/label"]),
            (rows(["x", "\u{FEFF}\u{200B}"]), ["/examples/1/label"]),
            (rows((0..<1001).map { "l\($0)" }), ["/examples"]),
            (
                #"{"model":"m","examples":[{"text":"","label":"x"},{"text":" ","label":"y"}]}"#,
                ["/examples/0/text", "/examples/1/text"]
            ),
            (
                #"{"model":"m","examples":[{"text":"a","label":1},{"text":"b","label":true}]}"#,
                ["/examples/0/label", "/examples/1/label"]
            ),
            (
                #"{"model":"m","examples":[{"text":"a"},{"label":"b"}]}"#,
                ["/examples/0/label", "/examples/1/text"]
            ),
            (
                #"{"model":"m","examples":["a",{"text":"a","label":"x","id":1}]}"#,
                ["/examples/0"]
            ),
            (named("M"), ["/model"]), (named(""), ["/model"]), (named("../x"), ["/model"]),
            (named("-a"), ["/model"]), (named("a/b"), ["/model"]), (named("é"), ["/model"]),
            (named("a\\u0000"), ["/model"]), (named(String(repeating: "a", count: 65)), ["/model"]),
            (optioned(#""options":7"#), ["/options"]),
            (optioned(#""options":{"epochs":0}"#), ["/options/epochs"]),
            (optioned(#""options":{"epochs":2147483648}"#), ["/options/epochs"]),
            (optioned(#""options":{"hidden":0}"#), ["/options/hidden"]),
            (optioned(#""options":{"hidden":1000000}"#), ["/options/hidden"]),
            (optioned(#""options":{"learning_rate":-1}"#), ["/options/learning_rate"]),
            (optioned(#""options":{"learning_rate":1e-40}"#), ["/options/learning_rate"]),
            (optioned(#""options":{"recipe":"magic"}"#), ["/options/recipe"]),
            (optioned(#""options":{"epoch":5}"#), ["/options/epoch"]),
            (optioned(#""promote":"maybe""#), ["/promote"]),
            (optioned(#""replace":1"#), ["/replace"]),
            (optioned(#""extend":true,"replace":true"#), ["/replace"]),
            (optioned(#""extra":1"#), ["/extra"]),
        ]
    )
    func refused(body: String, pointers: [String]) throws {
        let answer = service.post("/train", body)
        #expect(answer.status == 422, "\(answer)")
        #expect(answer.pointers == pointers)
        #expect(try service.store.jobs(limit: 10).isEmpty)
    }

    @Test(
        "rows that the trainer would refuse for certain are refused at once",
        arguments: [
            ([("a", "same"), ("b", "same")], "contradictory"),
            ([("a", "same"), ("b", "Same  ")], "contradictory"),
            ([("a", "x"), ("b", "X"), ("b", "own")], "contradictory"),
            ([("a", "x"), ("b", "X"), ("b", "own"), ("a", "mine")], nil),
        ] as [([(String, String)], String?)]
    )
    func hopeless(_ rows: [(String, String)], _ code: String?) throws {
        let rows = rows.map { #"{"label":"\#($0.0)","text":"\#($0.1)"}"# }.joined(separator: ",")
        for mode in ["", #""replace":true,"#] {
            let answer = service.post("/train", #"{"model":"m",\#(mode)"examples":[\#(rows)]}"#)
            #expect(answer.status == (code == nil ? 202 : 422) && answer.code == code, "\(answer)")
        }
        #expect(try service.store.jobs(limit: 9).isEmpty == (code != nil))
        let one = service.post(
            "/train",
            #"{"model":"n","extend":true,"examples":[{"text":"1","label":"a"}]}"#
        )
        #expect(one.status == 422 && one.code == "too_few_labels", "\(one)")
        #expect(service.post("/train", #"{"model":"n","extend":true}"#).code == "too_few_labels")
    }

    @Test("at most twenty bad rows are named, whatever their number")
    func manyBadRows() {
        let bad = Array(repeating: #"{"text":"","label":"x"}"#, count: 500).joined(separator: ",")
        let answer = service.post("/train", "{\"model\":\"m\",\"examples\":[\(bad)]}")
        #expect(answer.pointers.count == 20)
        #expect(answer.pointers.last == "/examples/19/text")
    }

    @Test("the number of rows, the size of the body and the queue are bounded")
    func limits() throws {
        let service = try TestService { settings in
            settings.limits.examples = 3
            settings.limits.trainBodyBytes = 1000
            settings.limits.queuedJobs = 1
        }
        let three = Self.rows(["x", "y", "x"])
        #expect(service.post("/train", Self.rows(["x", "y", "x", "y"])).status == 422)
        let blanks = String(repeating: " ", count: 1000 - three.utf8.count)
        #expect(service.post("/train", three + blanks + " ").status == 413)
        #expect(service.post("/train", three + blanks).status == 202)
        let full = service.post("/train", three)
        #expect(full.status == 429)
        #expect(full.code == "queue_full")
        #expect(full.headers["Retry-After"] != nil)
    }

    @Test("a client that waits gets the finished job, and the version is live by then")
    func waits() throws {
        let answered = Mutex<Received?>(nil)
        // A thread of its own: it blocks, and tasks share few threads.
        Thread.detachNewThread { [self] in
            let answer = submit(headers: [("Prefer", "wait=50")])
            answered.withLock { $0 = answer }
        }
        while try service.store.jobCounts()[.queued] != 1 { usleep(2000) }
        try finishNextJob()
        while answered.withLock({ $0 == nil }) { usleep(2000) }
        let answer = try #require(answered.withLock { $0 })
        #expect(answer.status == 200, "\(answer)")
        #expect(answer.headers["Preference-Applied"] == "wait=50")
        #expect(answer.object["state"] as? String == "succeeded")
        #expect(answer.object["version"] as? Int == 1)
        #expect(answer.object["promoted"] as? Bool == true)
        let classified = service.post("/classify", #"{"text":"happy","model":"m"}"#)
        #expect(classified.object["version"] as? Int == 1)
    }

    @Test("when the time is over the client gets the job as it stands")
    func waitsInVain() {
        let answer = submit(headers: [("Prefer", "respond-async, wait=1")])
        #expect(answer.status == 202)
        #expect(answer.headers["Preference-Applied"] == "wait=1")
        #expect(answer.object["state"] as? String == "queued")
        for field in ["wait", "wait=", "wait=x", "wait=-1", "wait=0", "other=5"] {
            let answer = submit(headers: [("Prefer", field)])
            #expect(answer.status == 202)
            #expect(answer.headers["Preference-Applied"] == nil, "\(field)")
        }
    }

    @Test("a queued job is cancelled at once, one that has ended stays as it is")
    func cancel() throws {
        let id = try #require(submit().object["id"] as? String)
        let cancelled = service.send(.delete, "/train/\(id)")
        #expect(cancelled.status == 200)
        #expect(cancelled.object["state"] as? String == "cancelled")
        #expect(service.send(.delete, "/train/\(id)").object["state"] as? String == "cancelled")
        let unknown = "job-" + String(repeating: "0", count: 32)
        #expect(service.send(.delete, "/train/\(unknown)").status == 404)
        let running = try #require(submit().object["id"] as? String)
        let claimed = try #require(try service.store.claim(worker: "test", lease: .seconds(30)))
        #expect(service.send(.delete, "/train/\(running)").status == 202)
        let progress = JobProgress(epoch: 1, epochs: 2, loss: 0.5)
        #expect(try service.store.report(progress, claim: claimed.claim) == .cancel)
        try service.store.end(claimed.claim, as: .cancelled)
        let job = service.get("/train/\(running)").object
        #expect(job["state"] as? String == "cancelled")
        #expect((job["progress"] as? [String: Any])?["loss"] as? Double == 0.5)
    }

    @Test("jobs are listed newest first, page by page")
    func list() throws {
        let ids = try (0..<5).map { _ in try #require(submit().object["id"] as? String) }
        var seen: [String] = []
        var target = "/train?limit=2"
        while true {
            let page = service.get(target).object
            seen += (page["jobs"] as? [[String: Any]] ?? []).compactMap { $0["id"] as? String }
            guard let next = page["next"] as? String else { break }
            target = "/train?limit=2&before=\(next)"
        }
        #expect(seen == ids.reversed())
        for bad in ["limit=0", "limit=101", "limit=x", "before=x", "other=1", "limit="] {
            #expect(service.get("/train?\(bad)").status == 400, "\(bad)")
        }
        let unknown = "job-" + String(repeating: "0", count: 32)
        #expect(service.get("/train?before=\(unknown)").status == 404)
    }

    /// A body with one row for each label.
    static func rows(_ labels: [String]) -> String {
        let rows = labels.map { "{\"text\":\"t \($0)\",\"label\":\"\($0)\"}" }
        return "{\"model\":\"m\",\"examples\":[\(rows.joined(separator: ","))]}"
    }

    static func named(_ name: String) -> String {
        "{\"model\":\"\(name)\",\"examples\":\(rows)}"
    }

    static func optioned(_ member: String) -> String {
        "{\"model\":\"m\",\"examples\":\(rows),\(member)}"
    }
}
