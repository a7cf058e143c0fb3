internal import Optimization
internal import Synchronization

/// Watches a run whose tasks work on several threads: passes progress to the observer at most every
/// 50 ms, one call at a time, and tells the tasks when to stop.
///
/// `@unchecked Sendable`: the observer and the state are touched under the mutex alone.
final class RunMonitor: @unchecked Sendable {
    private struct State {
        var next: ContinuousClock.Instant
        var forecast = RunForecast()
        /// Of the last complete epoch.
        var score = EpochScore(loss: .nan)
        /// When the first batch began: what comes before it says nothing about the pace.
        var start: ContinuousClock.Instant?
        /// The share that was told last; it never falls.
        var fraction = 0.0
    }

    /// Thrown inside a task when the observer said stop.
    struct Stopped: Error {}

    private let observer: TrainingObserver
    private let state: Mutex<State>
    private let isStopped = Atomic<Bool>(false)

    /// Watches tasks that are yet to be told (`expect`).
    init(observer: @escaping TrainingObserver) {
        self.observer = observer
        state = Mutex(State(next: .now + ArticleRun.observationInterval))
    }

    /// Tells what is to be trained, before the first batch.
    ///
    /// - Parameters:
    ///   - stages: the tasks that may run side by side, stage after stage; they are numbered
    ///     through.
    ///   - threads: how many threads work on them.
    func expect(_ stages: [[RunForecast.Task]], threads: Int) {
        state.withLock { $0.forecast = RunForecast(stages, threads: threads) }
    }

    /// Called by a task between two batches.
    ///
    /// - Parameters:
    ///   - task: its number.
    ///   - share: how much of an epoch the last batch was.
    /// - Throws: `Stopped` if the observer said stop.
    func check(_ task: Int, share: Double) throws {
        if isStopped.load(ordering: .relaxed) { throw Stopped() }
        state.withLock { state in
            let now = ContinuousClock.now
            state.forecast.advance(task, share: share, now: now)
            observe(&state, now)
        }
    }

    /// Called by a task at the end of an epoch with its scores, if it has some for labels.
    func finished(_ task: Int, score: EpochScore? = nil) {
        state.withLock { state in
            state.forecast.finishEpoch(task)
            if let score { state.score = score }
            observe(&state, .now)
        }
    }

    /// Called when it is better known how many epochs a task will run in all.
    func expect(_ task: Int, epochs: Double) {
        state.withLock { $0.forecast.expect(task, epochs: epochs) }
    }

    /// Called when a task has ended.
    func ended(_ task: Int) { state.withLock { $0.forecast.end(task) } }

    /// The epoch under way, from 1, counted through all tasks.
    var epoch: Int { state.withLock { $0.forecast.epoch } }

    /// Tells the observer that all is done, also if tasks ended before their last epoch.
    func end() {
        state.withLock { state in
            guard let start = state.start else { return }
            let epochs = state.forecast.epochsDone
            state.fraction = 1
            _ = observer(progress(state, epoch: epochs, of: epochs, elapsed: .now - start))
        }
    }

    private func observe(_ state: inout State, _ now: ContinuousClock.Instant) {
        guard let start = state.start else {
            state.start = now
            state.next = now + ArticleRun.observationInterval
            return
        }
        guard now >= state.next else { return }
        let elapsed = now - start
        let seconds = elapsed / .seconds(1)
        let fraction = seconds / (seconds + state.forecast.secondsLeft)
        state.fraction = max(state.fraction, min(fraction, 1))
        let (epoch, epochs) = (state.forecast.epoch, state.forecast.epochs)
        if observer(progress(state, epoch: epoch, of: epochs, elapsed: elapsed)) == .stop {
            isStopped.store(true, ordering: .relaxed)
        }
        state.next = ContinuousClock.now + ArticleRun.observationInterval
    }

    private func progress(
        _ state: State,
        epoch: Int,
        of epochs: Int,
        elapsed: Duration
    ) -> TrainingProgress {
        TrainingProgress(
            epoch: epoch,
            epochs: epochs,
            fraction: state.fraction,
            loss: state.score.loss,
            accuracy: state.score.accuracy,
            elapsed: elapsed
        )
    }
}
