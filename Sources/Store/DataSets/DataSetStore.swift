public import Examples

/// The rows that models learn from.
///
/// A model has one data set, with a history: each change begins a revision, whose number is larger
/// than that of every revision before it, whatever the model. Rows that wait with a job are not
/// part of the data set until the job succeeds.
public protocol DataSetStore: Sendable {
    // MARK: Reading

    /// A page of a model's rows; nil when the model never had any, or when those that a version was
    /// trained on are not known.
    ///
    /// - Parameters:
    ///   - model: the model.
    ///   - filter: which of its rows.
    ///   - limit: the most rows that are returned.
    ///   - after: only rows with larger numbers.
    /// - Returns: the page, by number.
    /// - Throws: `unknownVersion`.
    func examples(
        of model: String,
        where filter: RowFilter,
        limit: Int,
        after: Int
    ) throws(StoreError) -> ExamplePage?

    /// The rows that a version was trained on, in the order in which they came to the data set;
    /// empty where they are not known.
    func examples(of model: String, _ version: Int) throws(StoreError) -> [Example]

    /// The rows that a job trains on, in the order in which they came to the data set: of one that
    /// waits, what they would be now; none of one that has ended without a version.
    ///
    /// - Throws: `claimLost` when there is no such job.
    func examples(ofJob id: String) throws(StoreError) -> [Example]

    /// Rows that feedback taught, that a job learns and that the data set of the live version does
    /// not hold.
    ///
    /// - Parameters:
    ///   - job: a claimed job.
    ///   - live: the version that is live; nil if none is.
    /// - Returns: the rows, in the order in which they came.
    /// - Throws: an outage.
    func corrections(of job: Job, since live: LiveVersion?) throws(StoreError) -> [Example]

    /// Begins to read all rows of a data set; nil where `examples` has no page either.
    ///
    /// - Parameters:
    ///   - model: the model.
    ///   - filter: which of its rows.
    /// - Returns: what `rows(of:limit:after:)` reads.
    /// - Throws: `unknownVersion`.
    func export(of model: String, where filter: RowFilter) throws(StoreError) -> ExampleExport?

    /// Reads further rows of an export, by number; none at its end.
    ///
    /// Each call sees one state of the store. The last one, which returns nothing, checks that all
    /// of them saw the same rows.
    ///
    /// - Throws: `examplesNotKept` when rows of the revision have come or gone since the start, as
    ///   when a version is deleted.
    func rows(
        of export: ExampleExport,
        limit: Int,
        after: Int
    ) throws(StoreError) -> [StoredExample]

    /// The revisions whose rows can be brought back, the newest first; empty when the model never
    /// had rows.
    func revisions(of model: String) throws(StoreError) -> [KeptRevision]

    // MARK: Changes

    /// Changes a model's data set.
    ///
    /// One transaction: the rows, those that wait with jobs, the limit and the key. Of many changes
    /// with one key exactly one is done, and the others get its answer. Rows that are to be removed
    /// and are not there are no error, so a request can come again.
    ///
    /// - Parameters:
    ///   - change: what to add and to remove; removals come first.
    ///   - maximumRows: the most rows that the data set may have.
    ///   - key: what the client calls the request, if it does.
    /// - Returns: what was done.
    /// - Throws: `dataSetFull`, `idempotencyKeyReused`; then nothing was changed.
    func changeExamples(
        _ change: ExampleChange,
        maximumRows: Int,
        idempotency key: IdempotencyKey?
    ) throws(StoreError) -> ChangedExamples

    /// Makes a model's data set follow the annotations of another program.
    ///
    /// One transaction. A text gets the label of its annotation that changed last. When its last
    /// annotation goes, its row goes, unless the row came from elsewhere. A change that comes twice
    /// in a row changes nothing the second time.
    ///
    /// - Parameters:
    ///   - change: what came and what went.
    ///   - maximumRows: the most rows that the data set may have.
    /// - Returns: what was done.
    /// - Throws: `dataSetFull`, `modelsFull`; then nothing was changed.
    func follow(
        _ change: AnnotationChange,
        maximumRows: Int
    ) throws(StoreError) -> FollowedAnnotations

    /// Makes a model's data set what it was, in a new revision.
    ///
    /// One transaction. A row that is there stays the row that it is; one that comes back keeps its
    /// origin. The rows that were there before stay for a while, so that this can be undone in the
    /// same way.
    ///
    /// - Parameters:
    ///   - wanted: what to bring back.
    ///   - model: the model.
    ///   - actor: who asks; nil where nobody is known.
    /// - Returns: what was done.
    /// - Throws: `unknownModel` when the model never had rows, `unknownVersion`, `examplesNotKept`;
    ///   `rowsWait` when a job that has not ended would change the result.
    func restoreExamples(
        _ wanted: RestorableRows,
        of model: String,
        actor: String?
    ) throws(StoreError) -> RestoredExamples
}
