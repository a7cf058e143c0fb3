package import Store

// Checkpoints that come from outside.
extension SQLStore {
    package func importKnownFile(
        digest: String
    ) throws(StoreError) -> (model: String, result: ImportResult)? {
        try write { connection throws(StoreError) in
            let model = try connection.row(
                """
                SELECT name FROM models JOIN versions
                ON versions.model = models.id AND digest = ? AND origin = 'file'
                """,
                .text(digest)
            ) { $0.text("name") }
            guard let model else { return nil }
            try connection.lock([.model(model)])
            let found = try self.find(model, connection)
            let result = try self.takeKnown(digest, isFile: true, of: found, connection)
            return result.map { (model, $0) }
        }
    }

    package func importCheckpoint(
        _ checkpoint: ImportedCheckpoint,
        of model: String
    ) throws(StoreError) -> ImportResult {
        try write(.model(model)) { connection throws(StoreError) in
            let isFile = checkpoint.origin == .file
            // What the operator brings is not limited.
            if !isFile { try self.requireRoom(for: model, connection) }
            let found = try self.findOrMake(model, connection)
            let digest = checkpoint.digest
            if let known = try self.takeKnown(digest, isFile: isFile, of: found, connection) {
                return known
            }
            let isLive =
                checkpoint.mayBecomeLive
                && (found.liveVersion == nil || isFile && found.liveOrigin == .file)
            let reason =
                if !checkpoint.mayBecomeLive {
                    "it was brought as a candidate"
                } else if found.liveVersion == nil {
                    "it is the model's first live version"
                } else if isLive {
                    "it replaces a version that came from a file"
                } else {
                    "version \(found.liveVersion ?? 0) is live and was not imported from a file"
                }
            let (number, _) = try self.insertVersion(
                NewVersion(checkpoint, reason: reason),
                of: found,
                connection
            )
            if isLive { try self.makeLive(number, of: found, by: "import", connection) }
            try self.retain(of: model, connection)
            return .new(version: number, isLive: isLive)
        }
    }

    /// What becomes of a checkpoint that the model has; nil if it has none with this digest.
    private func takeKnown(
        _ digest: String,
        isFile: Bool,
        of model: FoundModel,
        _ connection: Session
    ) throws(StoreError) -> ImportResult? {
        guard let known = try version(withDigest: digest, of: model, connection) else {
            return nil
        }
        let isReturning = isFile && model.isLiveByImport && known != model.liveVersion
        if isReturning { try makeLive(known, of: model, by: "import", connection) }
        return .known(version: known, isLive: isReturning || known == model.liveVersion)
    }

    private func version(
        withDigest digest: String,
        of model: FoundModel,
        _ connection: Session
    ) throws(StoreError) -> Int? {
        try connection.row(
            "SELECT max(number) AS number FROM versions WHERE model = ? AND digest = ?",
            .integer(model.id),
            .text(digest)
        ) { $0.optionalInt("number") } ?? nil
    }
}

extension NewVersion {
    fileprivate init(_ checkpoint: ImportedCheckpoint, reason: String) {
        self.init(
            digest: checkpoint.digest,
            bytes: checkpoint.bytes,
            origin: checkpoint.origin,
            actor: checkpoint.actor,
            dataDigest: checkpoint.dataDigest,
            options: checkpoint.options,
            toolVersion: checkpoint.toolVersion,
            metrics: checkpoint.metrics,
            reason: reason
        )
    }
}
