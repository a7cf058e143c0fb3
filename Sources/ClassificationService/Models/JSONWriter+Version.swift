internal import JSON
internal import Store

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
