internal import Digest
internal import Evaluation
internal import Examples
internal import JSON
internal import Logging
internal import Memory
internal import Model
internal import Report
internal import Store
internal import TextForm

/// Versions of models: what each is, which is live, and those that clients bring.
struct VersionHandlers: Sendable {
    let store: any Store
    let models: LiveModels
    let shadows: ShadowHandlers
    let limits: Limits
    let downloads: CheckpointDownloads
    let log: Logger

    func show(_ request: RequestCopy) throws(ServiceError) -> Answer {
        let version = try request.storedVersion(in: store)
        // A report quotes rows, which are for those who may read the examples.
        let maySee = request.principal.holds(.train)
        let report = try storing { () throws(StoreError) in
            maySee ? try store.report(of: version.model, version.version) : nil
        }
        let shadow = try shadows.write(version, for: request.principal)
        let answer = Answer.json(headers: [("Vary", "Accept")]) { json in
            json.beginObject()
            json.members(of: version)
            json.member("report", raw: report)
            json.member("shadow", raw: shadow)
            json.endObject()
        }
        guard report != nil, request.accept.map(MediaPreference.wantsPage) ?? false,
            let page = ReportPage(try request.memory.parse(answer.body))
        else { return answer }
        return Answer(
            contentType: "text/html; charset=utf-8",
            headers: answer.headers,
            body: Array(page.html.utf8)
        )
    }

    func checkpoint(_ request: RequestCopy) throws(ServiceError) -> Answer {
        let version = try request.storedVersion(in: store)
        let tag = "\"\(version.digest)\""
        let headers = [(name: "ETag", value: tag)]
        if request.ifNoneMatch.map({ Self.matches($0, tag) }) ?? false {
            return Answer.empty(304, headers: headers)
        }
        let download = try downloads.bytes(of: version)
        return Answer(
            contentType: "application/json",
            headers: headers,
            body: download.bytes,
            keeping: download
        )
    }

    /// Takes in a checkpoint from a client; it is live only where nothing else is.
    func upload(_ request: RequestCopy) throws(ServiceError) -> Answer {
        guard case .json = request.content else {
            throw .unsupportedMediaType(
                expected: "application/json",
                found: request.content.name
            )
        }
        let model = try request.newModel()
        let needed = request.body.withUnsafeBytes(JSONParser.bytesNeeded(toParse:))
        let taken = try request.memory.take(needed + 2 * request.body.count, for: .work)
        defer { withExtendedLifetime(taken) {} }
        let checkpoint: Checkpoint
        let classifier: TextClassifier
        do throws(CheckpointError) {
            checkpoint = try Checkpoint(parsing: request.body, source: "upload")
            classifier = try TextClassifier(checkpoint)
        } catch { throw .versionUnusable("\(error.field) \(error.reason)") }
        try check(checkpoint.labels)
        guard checkpoint.model == model else {
            throw .invalid("/model", "The checkpoint is of another model than the path names.")
        }
        var options = JSONWriter()
        checkpoint.training.options.encode(to: &options)
        let optionBytes = options.finish()
        let golden = try storing { () throws(StoreError) in try store.golden(of: model) }
        let mayBecomeLive =
            request.principal.holds(.promote)
            && GoldenCheck(classifier, cases: golden.cases).isPassed
        let result = try storing { () throws(StoreError) in
            let result = try store.importCheckpoint(
                ImportedCheckpoint(
                    bytes: request.body,
                    digest: SHA256.hexadecimal(of: request.body),
                    origin: .upload,
                    actor: request.principal.name,
                    mayBecomeLive: mayBecomeLive,
                    dataDigest: checkpoint.training.dataDigest,
                    options: optionBytes,
                    toolVersion: checkpoint.training.toolVersion,
                    metrics: checkpoint.training.encodedMetrics()
                ),
                of: model
            )
            try models.refresh()
            return result
        }
        let (number, status) =
            switch result {
            case .new(let version, _): (version, 201)
            case .known(let version, _): (version, 200)
            }
        log.notice("version_uploaded", metadata: ["model": "\(model)", "version": "\(number)"])
        return try answer(model, number, status: status)
    }

    /// Holds a client's checkpoint to what its rows would be held to.
    private func check(_ labels: [String]) throws(ServiceError) {
        guard labels.count <= limits.labels else {
            throw .versionUnusable(
                "/labels has \(labels.count) labels; at most \(limits.labels) are taken "
                    + "(--max-labels)"
            )
        }
        for (index, label) in labels.enumerated() {
            do throws(TextFormError) {
                try limits.exampleRules.label.requireForm(label)
            } catch { throw .versionUnusable("/labels/\(index) \(error) (--label-length)") }
        }
    }

    func setLive(_ request: RequestCopy) throws(ServiceError) -> Answer {
        let asked = try LiveRequest(try request.json())
        let name = request.model
        let version = try number(of: asked.version, name)
        try makeLive(name, version, isForced: asked.isForced)
        log.notice(
            "version_set_live",
            metadata: ["model": "\(name)", "version": "\(version)", "forced": "\(asked.isForced)"]
        )
        return try answer(name, version)
    }

    /// The number of a version that is there.
    private func number(
        of choice: LiveRequest.Choice,
        _ name: String
    ) throws(ServiceError) -> Int {
        let found = try storing { () throws(StoreError) -> (Bool, Int?) in
            guard let model = try store.model(name) else { return (false, nil) }
            var wanted: Int?
            switch choice {
            case .number(let number): wanted = number
            case .previous:
                if let live = model.liveVersion { wanted = try store.version(name, live)?.parent }
            }
            guard let wanted else { return (true, nil) }
            return (true, try store.version(name, wanted) == nil ? nil : wanted)
        }
        guard found.0 else { throw .modelNotFound }
        guard let number = found.1 else { throw .versionNotFound }
        return number
    }

    /// Keeps a version when older ones go.
    func pin(_ request: RequestCopy) throws(ServiceError) -> Answer {
        try setPinned(true, request)
    }

    /// Lets a version go when older ones do.
    func unpin(_ request: RequestCopy) throws(ServiceError) -> Answer {
        try setPinned(false, request)
    }

    private func setPinned(
        _ isPinned: Bool,
        _ request: RequestCopy
    ) throws(ServiceError) -> Answer {
        let version = try request.storedVersion(in: store)
        try storing { () throws(StoreError) in
            try store.setPinned(isPinned, model: version.model, version: version.version)
        }
        return try answer(version.model, version.version)
    }

    func delete(_ request: RequestCopy) throws(ServiceError) -> Answer {
        let version = try request.storedVersion(in: store)
        try storing { () throws(StoreError) in
            try store.deleteVersion(model: version.model, version: version.version)
        }
        models.forget(version.model, version: version.version)
        log.notice(
            "version_deleted",
            metadata: ["model": "\(version.model)", "version": "\(version.version)"]
        )
        return Answer.empty(204)
    }

    /// Makes a version live unless golden cases fail.
    ///
    /// - Parameters:
    ///   - name: the model.
    ///   - number: the version.
    ///   - isForced: whether it becomes live whatever they say.
    /// - Throws: `ServiceError.goldenFailed` with the cases that fail, or what keeps it from
    ///   serving.
    private func makeLive(_ name: String, _ number: Int, isForced: Bool) throws(ServiceError) {
        // Loaded before it becomes live, so that a version that cannot serve never does.
        let version = try models.load(name, version: number)
        while true {
            let golden = try storing { () throws(StoreError) in try store.golden(of: name) }
            let check = GoldenCheck(version.classifier, cases: golden.cases)
            guard isForced || check.isPassed else {
                throw .goldenFailed(version: number, check: check)
            }
            do throws(StoreError) {
                try store.setLive(
                    model: name,
                    version: number,
                    goldenRevision: isForced ? nil : golden.revision
                )
                return try models.refresh()
            } catch .decisionOutdated {
                continue  // The cases were exchanged meanwhile: they are asked again.
            } catch { throw ServiceError(error) }
        }
    }

    private func answer(
        _ model: String,
        _ number: Int,
        status: Int = 200
    ) throws(ServiceError) -> Answer {
        let version = try storing { () throws(StoreError) in try store.version(model, number) }
        guard let version else { throw .versionNotFound }
        let place = [(name: "Location", value: "/models/\(model)/versions/\(number)")]
        return Answer.json(status, headers: status == 201 ? place : []) {
            $0.beginObject()
            $0.members(of: version)
            $0.endObject()
        }
    }

    /// Whether an `If-None-Match` field names the tag (RFC 9110, 13.1.2).
    static func matches(_ field: String, _ tag: String) -> Bool {
        field.split(separator: ",").contains { part in
            let candidate = trimmed(part)
            return candidate == "*" || candidate == tag || candidate == "W/" + tag
        }
    }
}
