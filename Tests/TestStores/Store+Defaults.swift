public import Store

// What most tests do not care about, left out. Each has fewer parameters than the verb itself, so
// that a backend cannot take it for one.
extension JobStore {
    /// Submits a job.
    public func submit(
        job: NewJob,
        limits: QueueLimits = QueueLimits(),
        idempotency key: IdempotencyKey? = nil
    ) throws(StoreError) -> Submission {
        try submit(job: job, limits: limits, maximumRows: .max, idempotency: key)
    }

    /// Jobs of everybody, the newest first.
    public func jobs(limit: Int, before: String? = nil) throws(StoreError) -> [Job] {
        try jobs(limit: limit, before: before, ofActor: nil)
    }

    /// How many jobs are in each state; states without jobs are left out.
    public func jobCounts() throws(StoreError) -> [JobState: Int] {
        try jobs(limit: .max).reduce(into: [:]) { counts, job in counts[job.state, default: 0] += 1
        }
    }

    /// All events of a job after one.
    public func events(ofJob job: String, after number: Int = 0) throws(StoreError) -> [JobEvent] {
        try events(ofJob: job, after: number, limit: Retention.events)
    }

    /// Reports progress.
    public func report(_ progress: JobProgress, claim: Claim) throws(StoreError) -> Directive {
        try report(progress, stage: nil, claim: claim)
    }

    /// Reports a stage.
    public func report(stage: String, claim: Claim) throws(StoreError) -> Directive {
        try report(nil, stage: stage, claim: claim)
    }

    /// Ends a job as failed.
    public func fail(claim: Claim, code: String, detail: String) throws(StoreError) {
        try end(claim, as: .failed(JobFailure(code: code, detail: detail)))
    }

    /// Takes back the jobs of a worker that died.
    @discardableResult
    public func releaseJobs(
        ofWorker worker: String,
        reason: String
    ) throws(StoreError) -> [ReleasedJob] {
        try releaseJobs(ofWorker: worker, reason: reason, countsAsTry: true)
    }
}

extension ModelStore {
    /// Makes a version live, whatever the golden cases say.
    @discardableResult
    public func setLive(model: String, version: Int) throws(StoreError) -> Int? {
        try setLive(model: model, version: version, goldenRevision: nil)
    }
}

extension DataSetStore {
    /// A page of rows.
    public func examples(
        of model: String,
        version: Int? = nil,
        label: String? = nil,
        source: ExampleSource? = nil,
        limit: Int,
        after: Int = 0
    ) throws(StoreError) -> ExamplePage? {
        let filter = RowFilter(version: version, label: label, source: source)
        return try examples(of: model, where: filter, limit: limit, after: after)
    }

    /// Begins to export the newest rows.
    public func export(of model: String) throws(StoreError) -> ExampleExport? {
        try export(of: model, where: RowFilter())
    }

    /// Changes a data set of any size.
    public func changeExamples(
        _ change: ExampleChange,
        idempotency key: IdempotencyKey? = nil
    ) throws(StoreError) -> ChangedExamples {
        try changeExamples(change, maximumRows: .max, idempotency: key)
    }

    /// Restores rows in nobody's name.
    public func restoreExamples(
        _ wanted: RestorableRows,
        of model: String
    ) throws(StoreError) -> RestoredExamples {
        try restoreExamples(wanted, of: model, actor: nil)
    }
}
