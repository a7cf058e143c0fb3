internal import HTTPServer
internal import JSON
internal import Logging
internal import Model
internal import Store

extension ClassificationService {
    func listModels(_ request: RequestCopy) throws(ServiceError) -> HTTPResponse {
        let all = try storing { () throws(StoreError) in try store.models() }
        let snapshot = models.snapshot
        return Answer.json(requestID: request.id) { json in
            json.beginObject()
            json.key("models")
            json.beginArray()
            for model in all.sorted(by: { $0.name < $1.name })
            where request.principal.mayUse(model: model.name) {
                json.beginObject()
                json.members(of: model, snapshot)
                json.endObject()
            }
            json.endArray()
            json.endObject()
        }
    }

    func showModel(_ request: RequestCopy) throws(ServiceError) -> HTTPResponse {
        let name = request.parts[0]
        let found = try storing { () throws(StoreError) in
            (try store.model(name), try store.versions(of: name))
        }
        guard let model = found.0 else { throw .modelNotFound }
        let snapshot = models.snapshot
        return Answer.json(requestID: request.id) { json in
            json.beginObject()
            json.members(of: model, snapshot)
            json.key("history")
            json.beginArray()
            for version in found.1.sorted(by: { $0.version > $1.version }) {
                json.version(version)
            }
            json.endArray()
            json.endObject()
        }
    }

    func showVersion(_ request: RequestCopy) throws(ServiceError) -> HTTPResponse {
        let version = try storedVersion(request)
        return Answer.json(requestID: request.id) { $0.version(version) }
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

    func setLive(_ request: RequestCopy) throws(ServiceError) -> HTTPResponse {
        guard case .json = request.content else {
            throw .unsupportedMediaType(expected: "application/json")
        }
        let name = request.parts[0]
        let number = try liveNumber(request.body)
        let found = try storing { () throws(StoreError) in
            (try store.model(name), try store.version(name, number))
        }
        guard found.0 != nil else { throw .modelNotFound }
        guard found.1 != nil else { throw .versionNotFound }
        // Loaded before it becomes live, so that a version that cannot serve never does.
        _ = try models.load(name, version: number)
        try storing { () throws(StoreError) in
            try store.setLive(model: name, version: number)
            try models.refresh()
        }
        log.notice("version_set_live", metadata: ["model": "\(name)", "version": "\(number)"])
        let version = try storing { () throws(StoreError) in try store.version(name, number) }
        guard let version else { throw .versionNotFound }
        return Answer.json(requestID: request.id) { $0.version(version) }
    }

    private func storedVersion(_ request: RequestCopy) throws(ServiceError) -> VersionRecord {
        let name = request.parts[0]
        let model = try storing { () throws(StoreError) in try store.model(name) }
        guard model != nil else { throw .modelNotFound }
        guard let number = Self.versionNumber(request.parts[1]) else { throw .versionNotFound }
        let version = try storing { () throws(StoreError) in try store.version(name, number) }
        guard let version else { throw .versionNotFound }
        return version
    }

    private func liveNumber(_ body: [UInt8]) throws(ServiceError) -> Int {
        let value = try parse(body, with: JSONParser())
        guard value.kind == .object else {
            throw .invalid("", "The body must be an object with \"version\".")
        }
        var errors = FieldErrors()
        for (key, _) in value.members where key != "version" { errors.addUnknown(key) }
        let number = value["version"]?.wholeNumber ?? 0
        if number < 1 { errors.add("/version", "The version must be an integer of 1 or more.") }
        try errors.throwIfAny()
        return number
    }

    /// A number in a path: digits without leading zeros, so that each version has one path.
    static func versionNumber(_ text: String) -> Int? {
        guard let first = text.utf8.first, first != UInt8(ascii: "0"), text.utf8.count <= 16,
            text.utf8.allSatisfy({ $0 &- 0x30 < 10 })
        else { return nil }
        return Int(text)
    }

    /// Whether an `If-None-Match` field names the tag (RFC 9110, 13.1.2).
    static func matches(_ field: String, _ tag: String) -> Bool {
        field.split(separator: ",").contains { part in
            let candidate = trimmed(part)
            return candidate == "*" || candidate == tag || candidate == "W/" + tag
        }
    }
}

extension JSONWriter {
    fileprivate mutating func members(of model: ModelRecord, _ snapshot: ModelSnapshot) {
        let served = snapshot.models[model.name]
        member("model", string: model.name)
        member("default", bool: snapshot.defaultModel?.name == model.name)
        member("live_version", int: model.liveVersion)
        member("serving_version", int: served?.version)
        key("labels")
        beginArray()
        for label in served?.classifier.labels ?? [] { string(label) }
        endArray()
        member("versions", int: model.versionCount)
        member("created_at", time: model.createdAt)
    }

    fileprivate mutating func version(_ version: VersionRecord) {
        beginObject()
        member("model", string: version.model)
        member("version", int: version.version)
        member("live", bool: version.isLive)
        member("source", string: version.origin == .job ? "training" : version.origin.rawValue)
        member("digest", string: version.digest)
        member("bytes", int: version.byteCount)
        member("job", string: version.job)
        member("metrics", raw: version.metrics)
        member("parent", int: version.parent)
        member("data_digest", string: version.dataDigest)
        member("reason", string: version.reason)
        member("created_at", time: version.createdAt)
        endObject()
    }
}
