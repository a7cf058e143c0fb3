public import Examples

/// Models, their versions and checkpoints, and the golden cases that a version must pass.
///
/// Versions of a model count from 1, and a number is never used again. One version is live, or
/// none.
public protocol ModelStore: Sendable {
    // MARK: Reading

    /// Models, the oldest first; behind them data sets that no version was trained on.
    ///
    /// - Parameter name: the name of the one that is wanted; nil for all.
    /// - Returns: the models; none when there is neither a version nor a row of that name.
    /// - Throws: an outage.
    func models(named name: String?) throws(StoreError) -> [ModelRecord]

    /// A model's versions, the newest first.
    ///
    /// - Parameters:
    ///   - model: the model's name; an unknown one has none.
    ///   - number: the number of the one that is wanted; nil for all.
    /// - Returns: the versions.
    /// - Throws: an outage.
    func versions(of model: String, number: Int?) throws(StoreError) -> [VersionRecord]

    /// What is to be served: one version a model, the oldest model first.
    func liveVersions() throws(StoreError) -> [LiveVersion]

    /// A version's checkpoint; nil when there is none.
    func checkpointBytes(_ model: String, _ version: Int) throws(StoreError) -> [UInt8]?

    /// How a version came about, a JSON document; nil when that is not known.
    func report(of model: String, _ version: Int) throws(StoreError) -> [UInt8]?

    /// What a version's network said of rows that it had not learnt from; empty without any.
    func heldOutAnswers(
        of model: String,
        _ version: Int
    ) throws(StoreError) -> [HeldOutAnswer]

    /// A model's golden cases; none for one that has none.
    func golden(of model: String) throws(StoreError) -> GoldenCases

    // MARK: Checkpoints from outside

    /// Takes in a checkpoint file that was imported before, by its digest alone.
    ///
    /// One transaction, with the rules of `importCheckpoint`.
    ///
    /// - Returns: the version, and whether it is live; nil if no such file was imported.
    /// - Throws: an outage.
    func importKnownFile(
        digest: String
    ) throws(StoreError) -> (model: String, result: ImportResult)?

    /// Takes in a checkpoint from outside.
    ///
    /// One transaction. A checkpoint that the model has already (by its digest) is not stored
    /// again. A new one becomes live when the model has nothing live, or when it is a file and what
    /// is live came from a file too; else it stays a candidate, so that an old file never replaces
    /// a retrained model. A known file becomes live again only if no person and no job has decided
    /// otherwise since, that is, when the file on the disk was exchanged and then put back.
    ///
    /// - Precondition: the bytes are a checkpoint of that model, with that digest.
    /// - Parameters:
    ///   - checkpoint: the checkpoint, and what is known of it.
    ///   - model: the model's name; made if it is not there.
    /// - Returns: the version, and whether it is live.
    /// - Throws: an outage.
    func importCheckpoint(
        _ checkpoint: ImportedCheckpoint,
        of model: String
    ) throws(StoreError) -> ImportResult

    // MARK: Changes by hand

    /// Makes a version the one that is served.
    ///
    /// One transaction: a version that is deleted at the same time either is live before, and
    /// stays, or is gone before, and is not made live.
    ///
    /// - Parameters:
    ///   - model: the model's name.
    ///   - version: the version's number.
    ///   - goldenRevision: the revision of the golden cases that the version is known to pass; nil
    ///     makes it live whatever they say.
    /// - Returns: the version that was live before, if one was.
    /// - Throws: `unknownModel`, `unknownVersion`; `decisionOutdated` when there are other golden
    ///   cases by now.
    @discardableResult
    func setLive(model: String, version: Int, goldenRevision: Int?) throws(StoreError) -> Int?

    /// Keeps a version when older ones go, or no longer does.
    ///
    /// One transaction.
    ///
    /// - Throws: `unknownModel`, `unknownVersion`.
    func setPinned(_ isPinned: Bool, model: String, version: Int) throws(StoreError)

    /// Replaces a model's golden cases.
    ///
    /// One transaction. A decision that was made against the cases before is outdated from now on.
    ///
    /// - Returns: the new revision; the same as before if the cases are.
    /// - Throws: an outage.
    @discardableResult
    func setGolden(_ cases: [Example], of model: String) throws(StoreError) -> Int

    /// Deletes a version and its checkpoint; its number is not used again.
    ///
    /// One transaction, which never deletes what is live by then.
    ///
    /// - Throws: `unknownModel`, `unknownVersion`, `versionIsLive`, `versionIsPinned`.
    func deleteVersion(model: String, version: Int) throws(StoreError)

    /// Deletes a model: its versions, its data set, its golden cases, its jobs and its answers.
    ///
    /// One transaction. A job of it that runs is to be cancelled and publishes nothing. Numbers of
    /// versions are not used again, should a model of that name come back.
    ///
    /// - Throws: `unknownModel` when nothing of it is there.
    func deleteModel(_ model: String) throws(StoreError)
}

extension ModelStore {
    /// All models, the oldest first; behind them data sets that no version was trained on.
    public func models() throws(StoreError) -> [ModelRecord] { try models(named: nil) }

    /// One model; nil when there is neither a version nor a row of that name.
    public func model(_ name: String) throws(StoreError) -> ModelRecord? {
        try models(named: name).first
    }

    /// A model's versions, the newest first; empty when there is no such model.
    public func versions(of model: String) throws(StoreError) -> [VersionRecord] {
        try versions(of: model, number: nil)
    }

    /// One version; nil when there is none.
    public func version(_ model: String, _ number: Int) throws(StoreError) -> VersionRecord? {
        try versions(of: model, number: number).first
    }
}
