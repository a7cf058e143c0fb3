/// Training jobs, from the request that queues one to the version that it makes.
///
/// A job is `queued`, then `running`, then one of `succeeded`, `failed` and `cancelled`, which it
/// stays. A worker that takes one gets a `Claim` with the number of the attempt. Each verb that
/// takes a claim checks that number in its transaction. So a worker that was given up writes
/// nothing more, however late it wakes.
public protocol JobStore: Sendable {
    // MARK: For who asks

    /// Queues a training job and puts its rows aside.
    ///
    /// One transaction: the limits are counted, the rows checked and stored, the job queued and the
    /// key remembered, or none of it. Of many submissions at once exactly as many are taken as the
    /// limits leave room for. Of many with one key exactly one queues a job, and the others get
    /// that job. The data set stays as it is until the job succeeds.
    ///
    /// - Parameters:
    ///   - job: the job.
    ///   - limits: how many jobs may wait.
    ///   - maximumRows: the most rows that the data set may have.
    ///   - key: what the client calls the request, if it does.
    /// - Returns: the job.
    /// - Throws: `queueFull`, `actorQueueFull`, `idempotencyKeyReused`, `dataSetFull`;
    ///   `correctionsWouldGo` when the rows would replace corrections and nobody said so;
    ///   `notTrainable` when it is certain that the job would fail.
    /// - Complexity: O(rows), a few microseconds each.
    func submit(
        job: NewJob,
        limits: QueueLimits,
        maximumRows: Int,
        idempotency key: IdempotencyKey?
    ) throws(StoreError) -> Submission

    /// Asks for a job to be cancelled.
    ///
    /// One transaction. A queued job is cancelled at once. The worker of a running one learns it at
    /// its next report, and can publish nothing from now on. One that has ended stays as it is.
    ///
    /// - Returns: the job as it stands now; nil when there is none.
    func requestCancel(_ id: String) throws(StoreError) -> Job?

    /// A job as it stands; nil when there is none.
    func job(_ id: String) throws(StoreError) -> Job?

    /// Jobs, the newest first.
    ///
    /// - Parameters:
    ///   - limit: the most jobs that are returned.
    ///   - before: the identifier of the last job of the page before; an unknown one gives none.
    ///   - actor: whose jobs; nil for everybody's.
    /// - Returns: one page.
    /// - Throws: an outage.
    func jobs(limit: Int, before: String?, ofActor actor: String?) throws(StoreError) -> [Job]

    /// A job's report, a JSON document; nil when there is none.
    func report(ofJob id: String) throws(StoreError) -> [UInt8]?

    /// The jobs that have not ended, in the order in which they came.
    func unfinishedJobs() throws(StoreError) -> [UnfinishedJob]

    /// What has happened to a job since an event, the oldest first.
    ///
    /// An event is written in the transaction of each change of state, of stage or of epoch. The
    /// newest `Retention.events` of a job are kept.
    ///
    /// - Parameters:
    ///   - job: the job; an unknown one has no events.
    ///   - number: the last event that is known already, 0 for none.
    ///   - limit: the most events that are returned.
    /// - Returns: the events with larger numbers, without a gap among those that are kept.
    /// - Throws: an outage.
    func events(
        ofJob job: String,
        after number: Int,
        limit: Int
    ) throws(StoreError) -> [JobEvent]

    // MARK: For who tells others

    /// Takes jobs that have ended and whose end is to be told, the oldest first.
    ///
    /// One transaction. What one server has taken no other one gets, until it is given back.
    ///
    /// - Parameter limit: the most jobs that are taken.
    /// - Returns: the jobs.
    /// - Throws: an outage.
    func takeNotices(limit: Int) throws(StoreError) -> [Job]

    /// Gives back ends that were taken and not told.
    ///
    /// - Parameter jobs: whose ends; nil for all that anybody has taken.
    /// - Throws: an outage.
    func returnNotices(of jobs: [String]?) throws(StoreError)

    /// Says that an end was told, or never will be.
    func settleNotice(of job: String) throws(StoreError)

    // MARK: For workers

    /// Gives a queued job to a worker: of the models that have no running job, the one that has
    /// waited longest for its turn, and of its jobs the oldest.
    ///
    /// Jobs of one model follow each other, so that each learns from the rows of the one before and
    /// is compared with what that one made live. Models take turns, so that many jobs of one do not
    /// keep those of others waiting. The turn of a model comes behind all that waited when it had
    /// its last one, or when its job came. Jobs whose workers have been silent for their whole
    /// lease are taken back first.
    ///
    /// The claim is one short transaction: of many workers that ask at once each job goes to one.
    /// It also gives the job its place among the changes of the data set. What was acknowledged
    /// before is learnt, what comes later is not. The rows are read after that, while others
    /// write. If that fails the job goes back to the queue, at the latest when the lease is over.
    ///
    /// - Parameters:
    ///   - worker: who asks; `releaseJobs` goes by this name.
    ///   - lease: how long the worker may stay silent; it should report several times in it.
    /// - Returns: the job, now running, with its rows; nil when there is none.
    /// - Throws: an outage.
    func claim(worker: String, lease: Duration) throws(StoreError) -> ClaimedJob?

    /// Tells what the worker does and how far it has come, which also renews its lease.
    ///
    /// One transaction. What it tells may be lost in a power cut. A few times a second is often
    /// enough.
    ///
    /// - Parameters:
    ///   - progress: how far the training has come; nil leaves what was said before.
    ///   - stage: what the worker is doing; nil leaves what was said before.
    ///   - claim: the worker's right to the job.
    /// - Returns: whether to go on.
    /// - Throws: an outage.
    func report(
        _ progress: JobProgress?,
        stage: String?,
        claim: Claim
    ) throws(StoreError) -> Directive

    /// What a new decision about a model's next version is to be made against.
    func decisionGround(of model: String) throws(StoreError) -> DecisionGround

    /// Stores a job's result and ends the job as succeeded.
    ///
    /// One transaction: version and checkpoint, scores, report, held-out answers, what is live, the
    /// job's rows as part of the data set, the job's end, and the deletion of what is superfluous
    /// by then. It is refused, whole, if the decision was made against something that has changed:
    /// of two publications that were decided against one live version only the first goes through.
    /// A version that was deleted meanwhile is not live, so the same holds for a deletion.
    ///
    /// - Parameters:
    ///   - publication: the result.
    ///   - claim: the worker's right to the job.
    /// - Returns: the version's number, and whether it is live.
    /// - Throws: `claimLost` when the job is no longer the claim's; `cancelled` when it was to be
    ///   cancelled, which it then is; `decisionOutdated` when another version has become live, the
    ///   golden cases have changed or another decision was made since this one;
    ///   `promotionNotAllowed` when the decision promotes what may only be a candidate. In all
    ///   cases nothing is published.
    func publish(
        _ publication: Publication,
        claim: Claim
    ) throws(StoreError) -> Published

    /// Ends a job without a version. Its rows are forgotten; the data set stays as it is.
    ///
    /// One transaction.
    ///
    /// - Throws: `claimLost` when the job is no longer the claim's.
    func end(_ claim: Claim, as ending: JobEnding) throws(StoreError)

    /// Takes back the running jobs of a worker that is known to be gone, which is then no longer
    /// listed.
    ///
    /// One transaction for all of them. A job goes back to the queue; after its last attempt it
    /// fails, with `reason`; if it was to be cancelled, it is.
    ///
    /// - Parameters:
    ///   - worker: its name.
    ///   - reason: why, in words.
    ///   - countsAsTry: false when the worker was told to stop, which says nothing about the job.
    /// - Returns: the jobs, and what became of each.
    /// - Throws: an outage.
    @discardableResult
    func releaseJobs(
        ofWorker worker: String,
        reason: String,
        countsAsTry: Bool
    ) throws(StoreError) -> [ReleasedJob]

    /// Takes back, in the same way, the jobs whose workers have been silent for their whole lease.
    ///
    /// To be called now and then by whoever watches workers; the first call begins to watch. A
    /// lease runs on the monotonic clock of the watcher, so a job whose worker reports in time is
    /// never taken back. After an outage that this verb meets each lease begins anew.
    ///
    /// - Returns: the jobs, and what became of each.
    /// - Throws: an outage.
    @discardableResult
    func reclaimSilentJobs() throws(StoreError) -> [ReleasedJob]

    /// Gives every worker that this handle watches its whole lease again: to be called when the
    /// store was away, as then nobody could report.
    func excuseSilence()
}
