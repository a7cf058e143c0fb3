internal import Optimization
internal import Synchronization

/// Watches a run whose tasks work on several threads: passes progress to the observer at most every
/// 50 ms, one call at a time, and tells the tasks when to stop.
///
/// `@unchecked Sendable`: the observer and the state are touched under the mutex alone.
final class RunMonitor: @unchecked Sendable {
    private struct State {
        var next: ContinuousClock.Instant
        /// Epochs done, over all tasks; a batch counts as its share of one.
        var done = 0.0
        var epoch = 0
        /// Of the last complete epoch.
        var score = EpochScore(loss: .nan)
        /// When the first batch began: what comes before it says nothing about the pace.
        var start: ContinuousClock.Instant?
    }

    /// Thrown inside a task when the observer said stop.
    struct Stopped: Error {}

    private let observer: TrainingObserver
    private let epochs: Int
    private let total: Double
    private let state: Mutex<State>
    private let isStopped = Atomic<Bool>(false)

    /// Watches `tasks` tasks of `epochs` epochs each, at most.
    init(tasks: Int, epochs: Int, observer: @escaping TrainingObserver) {
        self.observer = observer
        self.epochs = epochs
        total = Double(tasks * epochs)
        state = Mutex(State(next: .now + ArticleRun.observationInterval))
    }

    /// Called by a task between two batches.
    ///
    /// - Parameter share: how much of an epoch the last batch was.
    /// - Throws: `Stopped` if the observer said stop.
    func check(share: Double) throws {
        if isStopped.load(ordering: .relaxed) { throw Stopped() }
        state.withLock { state in
            state.done += share
            observe(&state)
        }
    }

    /// Called by a task at the end of an epoch with its scores.
    func finished(epoch: Int, score: EpochScore) {
        state.withLock { state in
            state.epoch = max(state.epoch, epoch)
            state.score = score
            observe(&state)
        }
    }

    /// Called by a task that ends before its last epoch.
    func skipped(epochs: Int) { state.withLock { $0.done += Double(epochs) } }

    /// The epoch under way, from 1.
    var epoch: Int { state.withLock { min($0.epoch + 1, epochs) } }

    /// Tells the observer that all is done, also if tasks ended before their last epoch.
    func end() {
        state.withLock { state in
            guard let start = state.start else { return }
            _ = observer(progress(state, epoch: state.epoch, fraction: 1, since: start))
        }
    }

    private func observe(_ state: inout State) {
        let now = ContinuousClock.now
        guard let start = state.start else {
            state.start = now
            state.next = now + ArticleRun.observationInterval
            return
        }
        guard now >= state.next else { return }
        let progress = progress(
            state,
            epoch: min(state.epoch + 1, epochs),
            fraction: min(state.done / total, 1),
            since: start
        )
        if observer(progress) == .stop { isStopped.store(true, ordering: .relaxed) }
        state.next = ContinuousClock.now + ArticleRun.observationInterval
    }

    private func progress(
        _ state: State,
        epoch: Int,
        fraction: Double,
        since start: ContinuousClock.Instant
    ) -> TrainingProgress {
        TrainingProgress(
            epoch: epoch,
            epochs: epochs,
            fraction: fraction,
            loss: state.score.loss,
            accuracy: state.score.accuracy,
            elapsed: .now - start
        )
    }
}
