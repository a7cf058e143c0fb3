internal import CEmbedded
internal import HTTPServer
internal import JSON
internal import Model
internal import Synchronization

extension ClassificationService {
    func liveness(_ id: RequestID) -> HTTPResponse {
        Answer.json(requestID: id) { json in
            json.beginObject()
            json.key("status")
            json.string("alive")
            json.endObject()
        }
    }

    /// 200 while something can serve and nothing is left to load; training has no part in it.
    ///
    /// What is wrong or missing may name models, so only who may use all of them is told.
    func readiness(_ id: RequestID, for principal: Principal) -> HTTPResponse {
        let snapshot = models.snapshot
        let trouble = storeTrouble.withLock { $0 }
        let storeProblems = trouble.map { [ServingProblem(detail: "the store fails: \($0)")] } ?? []
        let problems = snapshot.problems + storeProblems
        let told = principal.isLimited ? [] : problems
        let isDraining = isDraining.load(ordering: .relaxed)
        let isStarting = snapshot.isStarting
        let isReady = !isDraining && !isStarting && !snapshot.models.isEmpty
        let status =
            if isDraining { "draining" } else if isStarting { "loading" } else if !isReady {
                "unavailable"
            } else { problems.isEmpty ? "ready" : "degraded" }
        return Answer.json(
            isReady ? 200 : 503,
            requestID: id,
            headers: isReady ? [] : [("Retry-After", status == "loading" ? "1" : "5")]
        ) { json in
            json.beginObject()
            json.key("status")
            json.string(status)
            json.key("models")
            json.int(snapshot.models.count)
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
            json.key("problems")
            json.beginArray()
            for problem in told {
                json.beginObject()
                if let model = problem.model { json.member("model", string: model) }
                if let version = problem.version { json.member("version", int: version) }
                json.key("detail")
                json.string(problem.detail)
                json.endObject()
            }
            json.endArray()
            json.endObject()
        }
    }

    func metricsText(_ id: RequestID) -> HTTPResponse {
        var text = ""
        requests.write(to: &text)
        connections.write(to: &text)
        predictions.write(to: &text)
        jobs.write(to: &text)
        text += "# HELP elman_followers Clients that follow a job.\n# TYPE elman_followers gauge\n"
        text += "elman_followers \(followers.count)\n"
        let snapshot = models.snapshot
        text += "# HELP elman_model_info Versions that serve.\n# TYPE elman_model_info gauge\n"
        for model in snapshot.models.values.sorted(by: { $0.name < $1.name }) {
            text += "elman_model_info{model=\"\(model.name)\",version=\"\(model.version)\","
            text += "digest=\"\(model.digest)\"} 1\n"
        }
        text += "# HELP elman_problems What /readyz calls degraded.\n# TYPE elman_problems gauge\n"
        text += "elman_problems \(snapshot.problems.count)\n"
        text += "# HELP elman_log_dropped_total Log lines that found their queue full.\n"
        text += "# TYPE elman_log_dropped_total counter\n"
        text += "elman_log_dropped_total \(settings.logQueue?.droppedLines ?? 0)\n"
        text += "# HELP elman_info The program.\n# TYPE elman_info gauge\n"
        text += "elman_info{version=\"\(elmanVersion)\"} 1\n"
        process.write(to: &text)
        return Answer.bytes(
            "text/plain; version=0.0.4; charset=utf-8",
            Array(text.utf8),
            requestID: id
        )
    }

    /// openapi.yaml, from inside the program.
    func contract(_ id: RequestID) -> HTTPResponse {
        Answer.bytes("application/yaml", Self.contractBytes, requestID: id)
    }

    /// The contract that this program was built with.
    package static let contractBytes = Array(
        UnsafeBufferPointer(start: embedded_openapi(), count: embedded_openapi_bytes())
    )

    func index(_ id: RequestID) -> HTTPResponse {
        Answer.json(requestID: id) { json in
            json.beginObject()
            json.key("name")
            json.string("elman")
            json.key("version")
            json.string(elmanVersion)
            json.key("contract")
            json.string("/openapi.yaml")
            json.key("paths")
            json.beginArray()
            for route in Route.allCases { json.string(route.template) }
            json.endArray()
            json.endObject()
        }
    }
}
