import HTTPServer
import Model
import Store
import Testing

@testable import ClassificationService

/// Each handler type by itself: what it gets, what it answers, what it refuses; no service and no
/// socket.
@Suite struct HandlerTests {
    let parts: HandlerParts

    init() throws { parts = try HandlerParts() }

    private func read(_ answer: Answer?) throws -> Received {
        Received(try #require(answer).response(requestID: nil))
    }

    @Test("ClassifyHandlers answer at once, and later what must be explained or loaded")
    func classify() throws {
        let work = BackgroundWork.background(parts.limits)
        let classify = ClassifyHandlers(
            parts.models,
            parts.limits,
            background: work,
            explanations: .explanations(parts.limits),
            memory: parts.memory,
            tellsModels: false,
            isTraced: false
        )
        guard case .atOnce(let handle) = classify.handler(NativeDialect()) else {
            Issue.record("not at once")
            return
        }
        func attempt(_ body: String) throws -> Attempt {
            let request = HTTPRequest(
                method: .post,
                target: "/classify",
                headers: [("Content-Type", "application/json")],
                body: Array(body.utf8)
            )
            return try handle(request, PathValues(), .anonymous)
        }
        guard case .answer(let answer) = try attempt(#"{"text":"happy"}"#) else {
            Issue.record("no answer")
            return
        }
        #expect(try read(answer).object["label"] as? String == "happy")
        guard case .later(let later) = try attempt(#"{"texts":["so sad"],"explain":true}"#) else {
            Issue.record("explained at once")
            return
        }
        #expect(later.work !== work && later.model == nil)
        let explained = try read(later.make(parts.pending().pending)).object
        let results = try #require(explained["results"] as? [[String: Any]])
        #expect((results[0]["explanation"] as? [Any])?.count == 2)
        #expect(throws: ServiceError.modelNotFound) {
            try attempt(#"{"text":"a","model":"none"}"#)
        }
    }

    @Test("ModelHandlers list, show and delete")
    func models() throws {
        let models = ModelHandlers(store: parts.store, models: parts.models, log: parts.log)
        let list = try read(models.list(parts.request(.get, "/models", "/models")))
        #expect((list.object["models"] as? [[String: Any]])?[0]["model"] as? String == "mood")
        let path: PathTemplate = "/models/{model}"
        let card = try read(models.show(parts.request(.get, path, "/models/mood")))
        #expect(card.object["serving_version"] as? Int == 1)
        #expect(throws: ServiceError.modelNotFound) {
            try models.show(parts.request(.get, path, "/models/none"))
        }
        #expect(try models.delete(parts.request(.delete, path, "/models/mood")).status == 204)
        #expect(parts.models.snapshot.models.isEmpty)
    }

    @Test("VersionHandlers show, send, pin and promote, and keep what is live")
    func versions() throws {
        let versions = VersionHandlers(
            store: parts.store,
            models: parts.models,
            shadows: parts.shadowHandlers,
            limits: parts.limits,
            downloads: CheckpointDownloads(parts.store, parts.memory),
            log: parts.log
        )
        func request(_ method: HTTPMethod, _ tag: String? = nil) throws -> RequestCopy {
            try parts.request(
                method,
                "/models/{model}/versions/{version}",
                "/models/mood/versions/1",
                headers: tag.map { [("If-None-Match", $0)] } ?? []
            )
        }
        #expect(try read(versions.show(request(.get))).object["live"] as? Bool == true)
        let file = try versions.checkpoint(request(.get))
        let tag = try #require(file.headers.first?.value)
        #expect(try file.body == checkpoint(model: "mood").encoded())
        #expect(try versions.checkpoint(request(.get, tag)).status == 304)
        #expect(try read(versions.pin(request(.put))).object["pinned"] as? Bool == true)
        #expect(try read(versions.unpin(request(.delete))).object["pinned"] as? Bool == false)
        #expect(throws: ServiceError.versionIsLive) { try versions.delete(request(.delete)) }
        let bytes = try checkpoint(model: "mood", weight: 3).encoded()
        let upload = try parts.request(
            .post,
            "/models/{model}/versions",
            "/models/mood/versions",
            String(decoding: bytes, as: UTF8.self)
        )
        #expect(try versions.upload(upload).status == 201)
        #expect(parts.models.snapshot.models["mood"]?.version == 1)
        let live: PathTemplate = "/models/{model}/live"
        _ = try versions.setLive(
            parts.request(.put, live, "/models/mood/live", #"{"version":2}"#)
        )
        #expect(parts.models.snapshot.models["mood"]?.version == 2)
        #expect(throws: ServiceError.versionNotFound) {
            try versions.setLive(
                parts.request(.put, live, "/models/mood/live", #"{"version":9}"#)
            )
        }
    }

    @Test("GoldenHandlers replace cases and say what the version that serves answers")
    func golden() throws {
        let golden = GoldenHandlers(
            store: parts.store,
            models: parts.models,
            limits: parts.limits,
            log: parts.log
        )
        let path: PathTemplate = "/models/{model}/golden"
        let body = #"{"cases":[{"text":"happy","label":"sad"}]}"#
        _ = try golden.replace(parts.request(.put, path, "/models/mood/golden", body))
        let shown = try read(golden.show(parts.request(.get, path, "/models/mood/golden")))
        let check = try #require(shown.object["check"] as? [String: Any])
        #expect(check["passed"] as? Int == 0 && check["cases"] as? Int == 1)
    }

    @Test("EvaluationHandlers score rows and compare versions")
    func evaluation() throws {
        let evaluation = EvaluationHandlers(
            store: parts.store,
            models: parts.models,
            limits: parts.limits
        )
        let rows =
            #"{"examples":[{"text":"happy","label":"happy"},{"text":"sad","label":"happy"}]}"#
        let scored = try read(
            evaluation.evaluate(
                parts.request(.post, "/models/{model}/evaluate", "/models/mood/evaluate", rows)
            )
        )
        #expect(scored.object["accuracy"] as? Double == 0.5)
        let same = try read(
            evaluation.compareOnPosted(
                parts.request(
                    .post,
                    "/models/{model}/diff",
                    "/models/mood/diff",
                    #"{"from":1,"to":1,"texts":["a"]}"#
                )
            )
        )
        #expect(same.object["from"] as? Int == 1)
    }

    @Test("ExampleHandlers change, list and remove rows; nothing while the service drains")
    func examples() throws {
        let examples = ExampleHandlers(
            store: parts.store,
            limits: parts.limits,
            drain: parts.drain,
            changes: parts.changes,
            exports: ExampleExports(
                store: parts.store,
                work: .exports(),
                clock: parts.clock,
                log: parts.log
            ),
            log: parts.log
        )
        let path: PathTemplate = "/models/{model}/examples"
        let target = "/models/mood/examples"
        let body = #"{"examples":[{"text":"a","label":"x"},{"text":"b","label":"y"}]}"#
        let changed = try read(examples.change(parts.request(.post, path, target, body)))
        #expect(changed.object["added"] as? Int == 2)
        let list = try read(
            examples.list(parts.request(.get, path, target), parts.pending().pending)
        )
        #expect(list.object["total"] as? Int == 2)
        let removed = try read(examples.remove(parts.request(.delete, path, target + "?text=a")))
        #expect(removed.object["removed"] as? Int == 1)
        #expect(throws: ServiceError.exampleNotFound) {
            try examples.remove(parts.request(.delete, path, target + "?text=a"))
        }
        parts.drain.begin()
        #expect(throws: ServiceError.stopping) {
            try examples.change(parts.request(.post, path, target, body))
        }
    }

    @Test("FeedbackHandlers correct a text or a remembered prediction")
    func feedback() throws {
        let feedback = FeedbackHandlers(
            store: parts.store,
            models: parts.models,
            predictions: parts.models.memory.map {
                RememberedPredictions(memory: $0, writer: nil, store: parts.store)
            },
            limits: parts.limits,
            changes: parts.changes
        )
        let memory = try #require(parts.models.memory)
        let id = memory.remember(
            PredictionMemory.Prediction(
                model: "mood",
                version: 1,
                text: Array("so so".utf8),
                label: "happy",
                score: 0.5,
                margin: 0.1,
                time: 0
            )
        )
        for (body, added) in [
            (#"{"text":"fine","label":"happy"}"#, 1),
            (#"{"prediction_id":"\#(id)","label":"sad"}"#, 1),
        ] {
            let done = try read(
                feedback.correct(parts.request(.post, "/feedback", "/feedback", body))
            )
            #expect(done.object["added"] as? Int == added, "\(done)")
        }
        #expect(throws: ServiceError.predictionNotFound) {
            try feedback.correct(
                parts.request(
                    .post,
                    "/feedback",
                    "/feedback",
                    #"{"prediction_id":"p-0","label":"sad"}"#
                )
            )
        }
    }

    @Test("JobHandlers queue, list and cancel; who waits is answered when the time is over")
    func jobs() throws {
        let waiters = parts.waiters
        let jobs = JobHandlers(
            store: parts.store,
            limits: parts.limits,
            drain: parts.drain,
            waiters: waiters,
            followers: JobFollowers(limit: 1),
            metrics: JobMetrics(),
            announces: false,
            supervisor: nil,
            clock: parts.clock,
            log: parts.log
        )
        let body = #"{"model":"m","examples":\#(TrainTests.rows)}"#
        let first = try jobs.post(
            parts.request(.post, "/train", "/train", body),
            parts.pending().pending
        )
        #expect(first?.status == 202)
        let id = try #require(try read(first).object["id"] as? String)
        let (pending, answers) = parts.pending()
        let waiting = try jobs.post(
            parts.request(.post, "/train", "/train", body, headers: [("Prefer", "wait=5")]),
            pending
        )
        #expect(waiting == nil)
        parts.advance(.seconds(4))
        waiters.answerFinished()
        #expect(answers().isEmpty)
        parts.advance(.seconds(1))
        waiters.answerFinished()
        #expect(answers().map(\.status) == [202])
        #expect(answers().first?.headers["Preference-Applied"] == "wait=5")
        let list = try read(jobs.list(parts.request(.get, "/train", "/train")))
        #expect((list.object["jobs"] as? [Any])?.count == 2)
        let path: PathTemplate = "/train/{id}"
        let cancelled = try read(jobs.cancel(parts.request(.delete, path, "/train/" + id)))
        #expect(cancelled.object["state"] as? String == "cancelled")
        #expect(throws: ServiceError.jobNotFound) {
            try jobs.show(parts.request(.get, path, "/train/1"))
        }
        parts.drain.begin()
        #expect(throws: ServiceError.stopping) {
            try jobs.post(
                parts.request(.post, "/train", "/train", body),
                parts.pending().pending
            )
        }
    }

    @Test("StatusHandlers tell whether the service is alive, ready and what it counts")
    func status() throws {
        let connections = ConnectionMetrics()
        let jobs = JobMetrics()
        let followers = JobFollowers(limit: 1)
        let status = StatusHandlers(
            models: parts.models,
            drain: parts.drain,
            store: StoreFollower(
                parts.store,
                StoreFollower.Listeners(
                    models: parts.models,
                    jobs: jobs,
                    notices: nil,
                    waiters: parts.waiters,
                    followers: followers,
                    supervisor: nil,
                    shadows: parts.shadows,
                    connections: connections
                ),
                inspection: StoreInspection(parts.store, every: .seconds(60), log: parts.log),
                log: parts.log
            ),
            supervisor: nil,
            counts: StatusHandlers.Metrics(
                requests: RequestMetrics(),
                connections: connections,
                predictions: PredictionMetrics(),
                rememberedPredictions: nil,
                jobs: jobs,
                notices: nil,
                followers: followers,
                shadows: parts.shadows,
                logQueue: nil,
                tracer: nil,
                memory: parts.memory
            ),
            asksForTokens: false,
            remembers: 7
        )
        #expect(try read(status.liveness()).text == #"{"status":"alive"}"#)
        #expect(try read(status.readiness(for: .anonymous)).object["status"] as? String == "ready")
        #expect(try read(status.metrics()).text.contains(#"elman_model_info{model="mood""#))
        let index = try read(status.index(["/a", "/"], for: .anonymous)).text
        #expect(index.contains(#""paths":["/a","/"]"#))
        let access = #""access":{"tokens":false,"name":null,"scopes":["admin"],"models":null}"#
        #expect(index.contains(access))
        #expect(index.contains(#""remembers":7"#))
        parts.drain.begin()
        #expect(status.readiness(for: .anonymous).status == 503)
    }
}
