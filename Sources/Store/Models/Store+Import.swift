// Checkpoints that come from outside.
extension Store {
    /// Takes in a checkpoint file that was imported before, by its digest alone.
    ///
    /// The same rules as for `importCheckpoint`.
    ///
    /// - Returns: the version, and whether it is live; nil if no such file was imported.
    /// - Throws: when the store does not answer.
    public func importKnownFile(
        digest: String
    ) throws(StoreError) -> (model: String, result: ImportResult)? {
        try write { connection throws(StoreError) in
            let model = try connection.row(
                """
                SELECT name FROM models JOIN versions
                ON versions.model = models.id AND digest = ? AND origin = 'file'
                """,
                .text(digest)
            ) { $0.text(0) }
            guard let model else { return nil }
            let found = try self.find(model, connection)
            let result = try self.takeKnown(digest, isFile: true, of: found, connection)
            return result.map { (model, $0) }
        }
    }

    /// Takes in a checkpoint from outside.
    ///
    /// One that the model has already (by its digest) is not stored again. A new one becomes live
    /// when the model has nothing live, or when it is a file and what is live came from a file
    /// too; else it stays a candidate, so that an old file never replaces a retrained model. A
    /// known file becomes live again only if no person and no job has decided otherwise since,
    /// that is, when the file on the disk was exchanged and then put back.
    ///
    /// The caller has checked that the bytes are a checkpoint of that model, and their digest.
    ///
    /// - Parameters:
    ///   - model: the model's name; made if it is not there.
    ///   - bytes: the checkpoint.
    ///   - digest: their SHA-256.
    ///   - origin: `file` or `upload`.
    ///   - actor: who brings it.
    ///   - mayBecomeLive: false for one that is to be a candidate, whatever else is there.
    ///   - dataDigest: the digest of the rows that it was trained on, if known.
    ///   - options: the options that it was trained with, a JSON document.
    ///   - toolVersion: the program that made it.
    ///   - metrics: what was measured, a JSON document.
    ///   - keepingVersions: how many of the model's newest versions stay.
    /// - Returns: the version, and whether it is live.
    /// - Throws: when it could not be stored.
    public func importCheckpoint(
        model: String,
        bytes: [UInt8],
        digest: String,
        origin: VersionOrigin,
        actor: String? = nil,
        mayBecomeLive: Bool = true,
        dataDigest: String? = nil,
        options: [UInt8]? = nil,
        toolVersion: String? = nil,
        metrics: [UInt8],
        keepingVersions: Int = Store.keptVersions
    ) throws(StoreError) -> ImportResult {
        try write { connection throws(StoreError) in
            let found = try self.findOrMake(model, connection)
            let isFile = origin == .file
            if let known = try self.takeKnown(digest, isFile: isFile, of: found, connection) {
                return known
            }
            let isLive =
                mayBecomeLive
                && (found.liveVersion == nil || isFile && found.liveOrigin == .file)
            let reason =
                if !mayBecomeLive {
                    "it was brought as a candidate"
                } else if found.liveVersion == nil {
                    "it is the model's first live version"
                } else if isLive {
                    "it replaces a version that came from a file"
                } else {
                    "version \(found.liveVersion ?? 0) is live and was not imported from a file"
                }
            let number = try self.insertVersion(
                NewVersion(
                    digest: digest,
                    bytes: bytes,
                    origin: origin,
                    actor: actor,
                    dataDigest: dataDigest,
                    options: options,
                    toolVersion: toolVersion,
                    metrics: metrics,
                    reason: reason
                ),
                of: found,
                connection
            )
            if isLive { try self.makeLive(number, of: found, by: "import", connection) }
            try self.retain(versions: keepingVersions, of: model, connection)
            return .new(version: number, isLive: isLive)
        }
    }

    /// What becomes of a checkpoint that the model has; nil if it has none with this digest.
    private func takeKnown(
        _ digest: String,
        isFile: Bool,
        of model: FoundModel,
        _ connection: SQLConnection
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
        _ connection: SQLConnection
    ) throws(StoreError) -> Int? {
        try connection.row(
            "SELECT max(number) FROM versions WHERE model = ? AND digest = ?",
            .integer(model.id),
            .text(digest)
        ) { $0.optionalInt(0) } ?? nil
    }
}
