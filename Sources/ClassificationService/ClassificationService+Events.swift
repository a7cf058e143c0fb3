internal import HTTPServer
internal import JSON
internal import Store

extension ClassificationService {
    /// Begins a stream of a job's events; nil once it has begun.
    func followJob(
        _ request: RequestCopy,
        _ responder: HTTPResponder
    ) throws(ServiceError) -> HTTPResponse? {
        let job = try job(of: request)
        let last = request.lastEventID.flatMap { Int($0) }.map { max(0, $0) } ?? 0
        let news = try storing { () throws(StoreError) in
            try store.events(ofJob: job.id, after: last, limit: 1)
        }
        if job.state.isFinal && news.isEmpty {
            // Tells an EventSource not to come back.
            return Answer.bytes(nil, [], status: 204, requestID: request.id)
        }
        // Proxies that collect an answer before they pass it on are asked not to.
        let fields = [(name: "X-Accel-Buffering", value: "no")]
        var head = Answer.bytes(
            "text/event-stream",
            [],
            requestID: request.id,
            headers: fields
        )
        if request.method == .head { return head }
        guard followers.hasRoom else {
            let limit = settings.limits.followers
            throw .full(
                "\(limit) clients follow jobs already, which is the limit (--max-followers); "
                    + "GET /train/{id} shows a job too."
            )
        }
        // The pause before a client that was cut off comes back, in milliseconds.
        head.body = Array("retry: 1000\n\n".utf8)
        let counted = finish(head, request.id, request.route, monotonicNanoseconds())
        if let stream = responder.stream(counted) {
            followers.add(stream, job: job.id, after: last)
        }
        return nil
    }
}

extension JSONWriter {
    /// Writes how far a job has come.
    mutating func member(_ name: String, _ progress: JobProgress?) {
        key(name)
        guard let progress else { return null() }
        beginObject()
        member("epoch", int: progress.epoch)
        member("epochs", int: progress.epochs)
        member("loss", double: progress.loss)
        member("accuracy", double: progress.accuracy)
        member("seconds_left", double: progress.secondsLeft)
        endObject()
    }

    /// Writes what became of a job.
    mutating func members(ofEnd job: Job) {
        member("version", int: job.version)
        member("promoted", bool: job.isPromoted)
        member("reason", string: job.reason)
        member("error", job.failure)
    }

    /// Writes why a job failed.
    mutating func member(_ name: String, _ failure: JobFailure?) {
        key(name)
        guard let error = failure else { return null() }
        beginObject()
        member("code", string: error.code)
        member("detail", string: error.detail)
        endObject()
    }
}
