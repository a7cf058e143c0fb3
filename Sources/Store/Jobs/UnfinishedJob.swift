/// A job that waits or runs, as whoever watches the queue needs it.
public struct UnfinishedJob: Sendable, Equatable {
    /// The job.
    public let id: String
    /// Its model.
    public let model: String
    /// When it was posted, in milliseconds since 1970; for people.
    public let createdAt: Int
    /// Whether it is to be cancelled.
    public let isCancelRequested: Bool
    /// Who trains it; nil while it waits.
    public let run: Run?

    /// What is known of the worker that has a job.
    public struct Run: Sendable, Equatable {
        /// The worker's name.
        public let worker: String
        /// The attempt, from 1.
        public let attempt: Int
        /// Another number after each of the worker's reports.
        public let heartbeat: Int
        /// How long the worker may stay silent.
        public let lease: Duration

        package init(worker: String, attempt: Int, heartbeat: Int, lease: Duration) {
            self.worker = worker
            self.attempt = attempt
            self.heartbeat = heartbeat
            self.lease = lease
        }
    }

    package init(
        id: String,
        model: String,
        createdAt: Int,
        isCancelRequested: Bool = false,
        run: Run?
    ) {
        self.id = id
        self.model = model
        self.createdAt = createdAt
        self.isCancelRequested = isCancelRequested
        self.run = run
    }
}
