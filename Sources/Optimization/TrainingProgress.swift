/// How far a training run is.
public struct TrainingProgress: Sendable, Equatable {
    /// The epoch under way, from 1; the last epoch when the run is complete.
    public var epoch: Int
    /// The number of epochs of the whole run.
    public var epochs: Int
    /// The share of the whole run that is done, from 0 to 1.
    public var fraction: Double
    /// The mean cross-entropy of the last complete epoch, in nats; in the first one that of the
    /// rows seen so far (article), or no number.
    public var loss: Double
    /// The share of rows, of the same epoch, whose label was found before the step on them.
    public var accuracy: Double
    /// The time since the run began.
    public var elapsed: Duration

    /// Creates a state of progress.
    public init(
        epoch: Int,
        epochs: Int,
        fraction: Double,
        loss: Double,
        accuracy: Double,
        elapsed: Duration
    ) {
        self.epoch = epoch
        self.epochs = epochs
        self.fraction = fraction
        self.loss = loss
        self.accuracy = accuracy
        self.elapsed = elapsed
    }

    /// The time that is left at the pace so far; nil before anything is done.
    public var remaining: Duration? {
        fraction > 0 ? elapsed * ((1 - fraction) / fraction) : nil
    }
}

/// What the observer of a run wants next.
public enum TrainingDirective: Sendable, Equatable {
    /// Go on.
    case proceed
    /// Stop within the next steps.
    case stop
}

/// Called during a run about every 50 ms, however long an epoch takes.
///
/// Never changes the result: a run that is not stopped gives the same weights however often it is
/// observed.
public typealias TrainingObserver = (TrainingProgress) -> TrainingDirective
