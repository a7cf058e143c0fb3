/// A change of a job, for those who follow it.
public struct JobEvent: Sendable, Equatable {
    /// Counts the events of the job, from 1.
    public let number: Int
    /// Where the job stood then.
    public let state: JobState
    /// Which attempt it was; 0 before the first.
    public let attempt: Int
    /// What the worker was doing.
    public let stage: String?
    /// How far the attempt had come.
    public let progress: JobProgress?

    package init(
        number: Int,
        state: JobState,
        attempt: Int,
        stage: String?,
        progress: JobProgress?
    ) {
        self.number = number
        self.state = state
        self.attempt = attempt
        self.stage = stage
        self.progress = progress
    }
}
