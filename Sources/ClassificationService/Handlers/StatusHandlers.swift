internal import HTTPServer
internal import JSON
internal import Memory
internal import Model
internal import Store
internal import Tracing

/// What operators and their tools ask: probes, metrics, the contract.
struct StatusHandlers: Sendable {
    /// What is counted.
    struct Metrics: Sendable {
        let requests: RequestMetrics
        let connections: ConnectionMetrics
        let predictions: PredictionMetrics
        let rememberedPredictions: PredictionWriter?
        let jobs: JobMetrics
        let notices: JobNotices?
        let followers: JobFollowers
        let shadows: Shadows
        let logQueue: LogQueue?
        let tracer: Tracer?
        let memory: MemoryBudget
        let process = ProcessMetrics()
    }

    let models: LiveModels
    let drain: Drain
    let store: StoreFollower
    let supervisor: TrainerSupervisor?
    let counts: Metrics
    /// Whether a request is asked for a token.
    let asksForTokens: Bool
    /// How many predictions are remembered.
    let remembers: Int
    /// Where clients see this server.
    var prefix = PathPrefix.none

    /// Probes and metrics, which a private listener answers too.
    ///
    /// - Parameter metricsAccess: who may read the metrics, whose labels name all models.
    /// - Returns: their rows.
    func probes(_ metricsAccess: Access) -> [Operation] {
        [
            Operation(
                .get,
                "/livez",
                .everyone,
                answersAnyHost: true,
                [200],
                .now { _ in liveness() }
            ),
            Operation(
                .get,
                "/readyz",
                .everyone,
                answersAnyHost: true,
                [200, 503],
                .now { readiness(for: $0) }
            ),
            Operation(.get, "/metrics", metricsAccess, [200], .now { _ in metrics() }),
        ]
    }

    func liveness() -> Answer {
        Answer.json { json in
            json.beginObject()
            json.key("status")
            json.string("alive")
            json.endObject()
        }
    }

    /// 200 while something can serve and nothing is left to load; training has no part in it.
    ///
    /// What is wrong or missing may name models, so only who may use all of them is told.
    func readiness(for principal: Principal) -> Answer {
        let snapshot = models.snapshot
        let problems = problems(of: snapshot)
        let told = principal.isLimited ? [] : problems
        let isDraining = drain.isDraining
        let isStarting = snapshot.isStarting
        let isReady = isReady(snapshot)
        let status =
            if isDraining { "draining" } else if isStarting { "loading" } else if !isReady {
                "unavailable"
            } else { problems.isEmpty ? "ready" : "degraded" }
        return Answer.json(
            isReady ? 200 : 503,
            headers: isReady ? [] : [("Retry-After", status == "loading" ? "1" : "5")]
        ) { json in
            json.beginObject()
            json.key("status")
            json.string(status)
            json.key("models")
            json.int(snapshot.cards.count)
            json.key("loading")
            json.beginArray()
            let missing = [("file", snapshot.loadingFiles), ("model", snapshot.loadingModels)]
            for (key, names) in principal.isLimited ? [] : missing {
                for name in names {
                    json.beginObject()
                    json.member(key, string: name)
                    json.endObject()
                }
            }
            json.endArray()
            json.member("problems", objects: told) { problem, json in
                if let model = problem.model { json.member("model", string: model) }
                if let version = problem.version { json.member("version", int: version) }
                json.key("detail")
                json.string(problem.detail)
            }
            json.endObject()
        }
    }

    private func isReady(_ snapshot: ModelSnapshot) -> Bool {
        !drain.isDraining && snapshot.isReady
    }

    private func problems(of snapshot: ModelSnapshot) -> [ServingProblem] {
        var problems = snapshot.problems
        if let trouble = store.trouble {
            problems.append(ServingProblem(detail: "the store fails: \(trouble)"))
        }
        if let damage = store.damage {
            problems.append(
                ServingProblem(detail: "the store is damaged; restore a backup (\(damage))")
            )
        }
        if let trouble = supervisor?.trouble { problems.append(ServingProblem(detail: trouble)) }
        return problems
    }

    func metrics() -> Answer {
        var text = ""
        counts.requests.write(to: &text)
        counts.connections.write(to: &text)
        counts.predictions.write(to: &text)
        counts.rememberedPredictions?.write(to: &text)
        counts.jobs.write(to: &text)
        counts.notices?.write(to: &text)
        counts.shadows.write(to: &text)
        text += "# HELP elman_followers Clients that follow a job.\n# TYPE elman_followers gauge\n"
        text += "elman_followers \(counts.followers.count)\n"
        let snapshot = models.snapshot
        text += "# HELP elman_model_info Versions that serve.\n# TYPE elman_model_info gauge\n"
        let live = snapshot.cards.values.map(\.version).sorted { $0.model < $1.model }
        for version in live {
            text += "elman_model_info{model=\"\(version.model)\",version=\"\(version.version)\","
            text += "digest=\"\(version.digest)\"} 1\n"
        }
        text += "# HELP elman_models_loaded Models in memory.\n"
        text += "# TYPE elman_models_loaded gauge\n"
        text += "elman_models_loaded \(snapshot.models.count)\n"
        text += "# HELP elman_ready Whether /readyz says 200.\n# TYPE elman_ready gauge\n"
        text += "elman_ready \(isReady(snapshot) ? 1 : 0)\n"
        text += "# HELP elman_problems What /readyz calls degraded.\n# TYPE elman_problems gauge\n"
        text += "elman_problems \(problems(of: snapshot).count)\n"
        text += "# HELP elman_log_dropped_total Log lines that found their queue full.\n"
        text += "# TYPE elman_log_dropped_total counter\n"
        text += "elman_log_dropped_total \(counts.logQueue?.droppedLines ?? 0)\n"
        text += "# HELP elman_trace_spans_total Spans of traces, by what became of them.\n"
        text += "# TYPE elman_trace_spans_total counter\n"
        let (exported, dropped) = (counts.tracer?.exportedSpans, counts.tracer?.droppedSpans)
        text += "elman_trace_spans_total{outcome=\"exported\"} \(exported ?? 0)\n"
        text += "elman_trace_spans_total{outcome=\"dropped\"} \(dropped ?? 0)\n"
        counts.memory.write(to: &text)
        text += "# HELP elman_state_bytes What the store takes where it lies.\n"
        text += "# TYPE elman_state_bytes gauge\nelman_state_bytes \(store.byteCount)\n"
        text += "# HELP elman_info The program.\n# TYPE elman_info gauge\n"
        text += "elman_info{version=\"\(elmanVersion)\"} 1\n"
        counts.process.write(to: &text)
        return Answer(
            contentType: "text/plain; version=0.0.4; charset=utf-8",
            body: Array(text.utf8)
        )
    }

    /// openapi.yaml, from inside the program.
    func contract() -> Answer {
        Answer(contentType: "application/yaml", body: ClassificationService.contractBytes)
    }

    /// Where to go from here, and what who asks may do.
    func index(_ paths: [String], for principal: Principal) -> Answer {
        Answer.json(headers: [("Vary", "Accept")]) { json in
            json.beginObject()
            json.key("name")
            json.string("elman")
            json.key("version")
            json.string(elmanVersion)
            json.key("contract")
            json.string(prefix.outside("/openapi.yaml"))
            json.member("paths", array: paths) { $1.string(prefix.outside($0)) }
            json.key("access")
            json.beginObject()
            json.member("tokens", bool: asksForTokens)
            json.member("name", string: principal.name)
            json.member("scopes", array: principal.heldScopes) { $1.string($0.rawValue) }
            json.key("models")
            if let models = principal.modelNames, principal.name != nil {
                json.beginArray()
                for model in models { json.string(model) }
                json.endArray()
            } else {
                json.null()
            }
            json.endObject()
            json.member("remembers", int: remembers)
            json.endObject()
        }
    }
}

extension StatusHandlers {
    init(_ parts: ServiceParts) {
        self.init(
            models: parts.models,
            drain: parts.drain,
            store: parts.storeFollower,
            supervisor: parts.supervisor,
            counts: Metrics(
                requests: parts.requests,
                connections: parts.connections,
                predictions: parts.predictions,
                rememberedPredictions: parts.remembered?.writer,
                jobs: parts.jobs,
                notices: parts.notices,
                followers: parts.followers,
                shadows: parts.shadows,
                logQueue: parts.settings.logQueue,
                tracer: parts.settings.tracer,
                memory: parts.settings.memory
            ),
            asksForTokens: !parts.access.isOpen,
            remembers: parts.settings.rememberedPredictions,
            prefix: parts.settings.pathPrefix
        )
    }
}
