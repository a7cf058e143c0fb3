/// The workers that train, on whatever machine: who they are, and when each was last heard of.
///
/// This is for people who look after them. What a worker may do depends on its claims alone.
public protocol WorkerStore: Sendable {
    /// Says that a worker is there, for the first time or still.
    ///
    /// One transaction. Its effect may be lost in a power cut: the worker soon signs again. A
    /// worker that ends takes itself off the list with `releaseJobs`.
    ///
    /// - Parameter worker: who signs; of two with one name the later stands.
    /// - Throws: an outage.
    func sign(_ worker: WorkerIdentity) throws(StoreError)

    /// The workers, in the order of their start.
    func workers() throws(StoreError) -> [WorkerRecord]

    /// Takes off the list who has not signed for `Retention.workerSilence`.
    ///
    /// To be called now and then by whoever watches workers; the first call begins to watch. The
    /// time runs on the monotonic clock of the watcher. One that wakes up again is listed again.
    ///
    /// - Returns: their names.
    /// - Throws: an outage.
    @discardableResult
    func forgetSilentWorkers() throws(StoreError) -> [String]
}

/// Who a worker is, as it says.
public struct WorkerIdentity: Sendable, Equatable {
    /// The name under which it claims jobs.
    public var name: String
    /// The machine, or the container, that it runs on.
    public var host: String
    /// The number of its process there.
    public var process: Int
    /// The version of the program.
    public var version: String
    /// The threads that train a job that does not say how many.
    public var threads: Int
    /// When it began, in milliseconds since 1970; for people.
    public var startedAt: Int

    /// Describes a worker.
    public init(
        name: String,
        host: String,
        process: Int,
        version: String,
        threads: Int,
        startedAt: Int
    ) {
        self.name = name
        self.host = host
        self.process = process
        self.version = version
        self.threads = threads
        self.startedAt = startedAt
    }
}

/// A worker as the store knows it.
public struct WorkerRecord: Sendable, Equatable {
    /// Who it is.
    public let worker: WorkerIdentity
    /// When it signed last, in milliseconds since 1970; for people.
    public let signedAt: Int
    /// The job that it has; nil while it waits for one.
    public let job: Job?

    /// A running job.
    public struct Job: Sendable, Equatable {
        /// Its identifier.
        public let id: String
        /// Its model.
        public let model: String
        /// The attempt, from 1.
        public let attempt: Int

        package init(id: String, model: String, attempt: Int) {
            self.id = id
            self.model = model
            self.attempt = attempt
        }
    }

    package init(worker: WorkerIdentity, signedAt: Int, job: Job?) {
        self.worker = worker
        self.signedAt = signedAt
        self.job = job
    }
}
