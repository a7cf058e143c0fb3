internal import JSON
internal import Store

extension JSONWriter {
    /// Writes a shadow as an object.
    ///
    /// - Parameters:
    ///   - account: what is known of it.
    ///   - examples: those that may be told, with their texts; nil if none may.
    mutating func shadow(
        _ account: Shadows.Account,
        examples: [(example: ShadowExample, prediction: StoredPrediction)]?
    ) {
        let (record, counts) = (account.record, account.counts)
        let state = record.end != nil ? "ended" : account.obstacle != nil ? "waiting" : "running"
        beginObject()
        member("model", string: record.model)
        member("version", int: record.version)
        member("live_version", int: record.liveVersion)
        member("share", double: record.share)
        member("state", string: state)
        member("ended", string: record.end?.rawValue)
        member("obstacle", string: account.obstacle)
        member("total", int: counts.texts)
        member("agreed", int: counts.agreed)
        member("disagreed", int: counts.texts - counts.agreed)
        member("dropped", int: counts.dropped)
        member("pairs", objects: counts.pairs) { pair, json in
            json.member("live", answer: pair.live)
            json.member("shadow", answer: pair.shadow)
            json.member("texts", int: pair.texts)
        }
        if let examples {
            member("examples", objects: examples) { each, json in
                json.member("prediction_id", string: each.prediction.id)
                json.member("text", string: each.prediction.text)
                let (live, shadow) = (each.example.live, each.example.shadow)
                json.member("live", answer: live.stated, score: live.score)
                json.member("shadow", answer: shadow.stated, score: shadow.score)
                json.member("created_at", time: each.prediction.createdAt)
            }
        } else {
            key("examples")
            null()
        }
        member("actor", string: record.actor)
        member("started_at", time: record.startedAt)
        endObject()
    }

    /// Writes an answer that is compared: the label or the labels, and whether it abstains.
    private mutating func member(_ name: String, answer stated: String?, score: Float? = nil) {
        key(name)
        beginObject()
        if let stated { member(labelOrSet: stated) }
        member("abstained", bool: stated == nil)
        if let score { member("score", float: score) }
        endObject()
    }
}
