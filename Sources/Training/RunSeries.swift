internal import Optimization

/// Several runs, one after the other, that an observer sees as one.
final class RunSeries {
    private let count: Int
    private let start = ContinuousClock.now
    private let observer: TrainingObserver
    /// Whether the observer has said stop.
    private(set) var isStopped = false

    init(count: Int, observer: @escaping TrainingObserver) {
        self.count = count
        self.observer = observer
    }

    /// What watches run number `index`.
    func observer(_ index: Int) -> TrainingObserver {
        { progress in
            var whole = progress
            whole.fraction = (Double(index) + progress.fraction) / Double(self.count)
            whole.elapsed = .now - self.start
            let directive = self.observer(whole)
            if directive == .stop { self.isStopped = true }
            return directive
        }
    }
}
