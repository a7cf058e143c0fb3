internal import Digest
internal import Evaluation
internal import HTTPServer
internal import JSON
internal import Logging
internal import Model
internal import Store

extension ClassificationService {
    func showVersion(_ request: RequestCopy) throws(ServiceError) -> HTTPResponse {
        let version = try storedVersion(request)
        // A report quotes rows, which are for those who may read the examples.
        let maySee = request.principal.holds(.train)
        let report = try storing { () throws(StoreError) in
            maySee ? try store.report(of: version.model, version.version) : nil
        }
        return Answer.json(requestID: request.id) { json in
            json.beginObject()
            json.members(of: version)
            json.member("report", raw: report)
            json.endObject()
        }
    }

    func downloadCheckpoint(_ request: RequestCopy) throws(ServiceError) -> HTTPResponse {
        let version = try storedVersion(request)
        let tag = "\"\(version.digest)\""
        let headers = [(name: "ETag", value: tag)]
        if request.ifNoneMatch.map({ Self.matches($0, tag) }) ?? false {
            return Answer.bytes(nil, [], status: 304, requestID: request.id, headers: headers)
        }
        let bytes = try storing { () throws(StoreError) in
            try store.checkpointBytes(version.model, version.version)
        }
        guard let bytes else { throw .versionNotFound }
        return Answer.bytes("application/json", bytes, requestID: request.id, headers: headers)
    }

    /// Takes in a checkpoint from a client; it is live only where nothing else is.
    func uploadVersion(_ request: RequestCopy) throws(ServiceError) -> HTTPResponse {
        guard case .json = request.content else {
            throw .unsupportedMediaType(
                expected: "application/json",
                found: request.content.name
            )
        }
        let model = try nameInPath(request)
        let checkpoint: Checkpoint
        let classifier: TextClassifier
        do throws(CheckpointError) {
            checkpoint = try Checkpoint(parsing: request.body, source: "upload")
            classifier = try TextClassifier(checkpoint)
        } catch { throw .versionUnusable("\(error.field) \(error.reason)") }
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
                of: model,
                keepingVersions: settings.keptVersions
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
        return try answer(model, number, status: status, request)
    }

    func setLive(_ request: RequestCopy) throws(ServiceError) -> HTTPResponse {
        let asked = try LiveRequest(try jsonBody(request))
        let name = request.parts[0]
        let found = try storing { () throws(StoreError) in
            (try store.model(name), try store.version(name, asked.version))
        }
        guard found.0 != nil else { throw .modelNotFound }
        guard found.1 != nil else { throw .versionNotFound }
        try makeLive(name, asked.version, isForced: asked.isForced)
        log.notice(
            "version_set_live",
            metadata: [
                "model": "\(name)", "version": "\(asked.version)", "forced": "\(asked.isForced)",
            ]
        )
        return try answer(name, asked.version, request)
    }

    /// Keeps a version when older ones go, or no longer does.
    func setPinned(_ isPinned: Bool, _ request: RequestCopy) throws(ServiceError) -> HTTPResponse {
        let version = try storedVersion(request)
        try storing { () throws(StoreError) in
            try store.setPinned(isPinned, model: version.model, version: version.version)
        }
        return try answer(version.model, version.version, request)
    }

    func deleteVersion(_ request: RequestCopy) throws(ServiceError) -> HTTPResponse {
        let version = try storedVersion(request)
        try storing { () throws(StoreError) in
            try store.deleteVersion(model: version.model, version: version.version)
        }
        models.forget(version.model, version: version.version)
        log.notice(
            "version_deleted",
            metadata: ["model": "\(version.model)", "version": "\(version.version)"]
        )
        return Answer.bytes(nil, [], status: 204, requestID: request.id)
    }

    func deleteModel(_ request: RequestCopy) throws(ServiceError) -> HTTPResponse {
        let name = request.parts[0]
        try storing { () throws(StoreError) in
            try store.deleteModel(name)
            try models.refresh()
        }
        log.notice("model_deleted", metadata: ["model": "\(name)"])
        return Answer.bytes(nil, [], status: 204, requestID: request.id)
    }

    /// The version that a path names.
    func storedVersion(_ request: RequestCopy) throws(ServiceError) -> VersionRecord {
        let name = request.parts[0]
        let model = try storing { () throws(StoreError) in try store.model(name) }
        guard model != nil else { throw .modelNotFound }
        guard let number = Self.versionNumber(request.parts[1]) else { throw .versionNotFound }
        let version = try storing { () throws(StoreError) in try store.version(name, number) }
        guard let version else { throw .versionNotFound }
        return version
    }

    private func answer(
        _ model: String,
        _ number: Int,
        status: Int = 200,
        _ request: RequestCopy
    ) throws(ServiceError) -> HTTPResponse {
        let version = try storing { () throws(StoreError) in try store.version(model, number) }
        guard let version else { throw .versionNotFound }
        let place = [(name: "Location", value: "/models/\(model)/versions/\(number)")]
        return Answer.json(status, requestID: request.id, headers: status == 201 ? place : []) {
            $0.beginObject()
            $0.members(of: version)
            $0.endObject()
        }
    }

    /// A number in a path: digits without leading zeros, so that each version has one path.
    static func versionNumber(_ text: String) -> Int? {
        guard let first = text.utf8.first, first != UInt8(ascii: "0"), text.utf8.count <= 16,
            text.utf8.allSatisfy({ $0 &- 0x30 < 10 })
        else { return nil }
        return Int(text).flatMap { $0 <= JSONValue.largestExactInteger ? $0 : nil }
    }

    /// Whether an `If-None-Match` field names the tag (RFC 9110, 13.1.2).
    static func matches(_ field: String, _ tag: String) -> Bool {
        field.split(separator: ",").contains { part in
            let candidate = trimmed(part)
            return candidate == "*" || candidate == tag || candidate == "W/" + tag
        }
    }
}

/// What a body of `PUT /models/{model}/live` asks for, checked.
private struct LiveRequest {
    var version = 0
    /// Whether failing golden cases are no obstacle.
    var isForced = false

    init(_ body: JSONValue) throws(ServiceError) {
        guard body.kind == .object else {
            throw .invalid("", "The body must be an object with \"version\".")
        }
        var errors = FieldErrors()
        for (key, value) in body.members {
            switch key {
            case "version": version = value.wholeNumber ?? 0
            case "force":
                isForced = value.bool ?? false
                if value.bool == nil { errors.add("/force", "It must be true or false.") }
            default: errors.addUnknown(key)
            }
        }
        if version < 1 {
            errors.add("/version", "The version must be an integer of 1 or more.")
        }
        try errors.throwIfAny()
    }
}

extension JSONWriter {
    /// Writes the members of a version's card.
    mutating func members(of version: VersionRecord) {
        member("model", string: version.model)
        member("version", int: version.version)
        member("live", bool: version.isLive)
        member("pinned", bool: version.isPinned)
        member("source", string: version.origin == .job ? "training" : version.origin.rawValue)
        member("digest", string: version.digest)
        member("bytes", int: version.byteCount)
        member("job", string: version.job)
        member("actor", string: version.actor)
        member("metrics", raw: version.metrics)
        member("parent", int: version.parent)
        member("data_digest", string: version.dataDigest)
        member("options", raw: version.options)
        member("tool_version", string: version.toolVersion)
        member("reason", string: version.reason)
        member("created_at", time: version.createdAt)
    }
}
