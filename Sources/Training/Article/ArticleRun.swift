internal import Model
internal import Optimization

/// Runs the article's epochs, watches the clock, and keeps the best weights when asked.
struct ArticleRun: ~Copyable {
    /// How a run ended.
    struct Outcome {
        /// The number of epochs that the resulting weights have seen.
        var epochs: Int
        /// Whether all epochs were run.
        var isComplete: Bool
        /// The share of rows whose label was found, before the step on them, in the last epoch.
        var accuracy: Double
        /// The mean loss of each epoch, in nats.
        var losses: [Double]
        /// The weights.
        var tensors: [String: Tensor]
    }

    /// The pause between two calls of the observer.
    static let observationInterval = Duration.milliseconds(50)
    /// Reading the clock costs about as much as 20,000 multiply-adds of a step.
    private static let workBetweenClocks = 2_000_000
    /// A mean loss this many times that of guessing is no longer learning.
    private static let divergenceFactor = 10.0

    private let trainer: ArticleTrainer
    private let texts: EncodedExamples
    private let development: EncodedExamples?
    private let epochs: Int
    private let workOfWord: Int
    private let lossLimit: Double
    private let observer: TrainingObserver
    private let start = ContinuousClock.now

    private var nextObservation: ContinuousClock.Instant
    private var workSinceClock = 0
    private var lastLoss = 0.0
    private var lastAccuracy = 0.0
    private var losses: [Double] = []
    private var best: (loss: Double, epoch: Int, tensors: [String: Tensor])?

    /// Prepares a run over `texts`, whose labels are below `classCount`; `development` says which
    /// weights are best.
    init(
        texts: EncodedExamples,
        development: EncodedExamples?,
        vocabularySize: Int,
        classCount: Int,
        options: TrainingOptions,
        observer: @escaping TrainingObserver
    ) {
        trainer = ArticleTrainer(
            from: .xavierUniform(
                vocabularySize: vocabularySize,
                hiddenSize: options.hidden,
                classCount: classCount,
                seed: options.seed
            ),
            on: texts,
            learningRate: options.learningRate,
            longest: development?.longest ?? 0
        )
        self.texts = texts
        self.development = development
        self.observer = observer
        epochs = options.epochs
        workOfWord = options.hidden * options.hidden + 64
        lossLimit = ArticleRun.divergenceFactor * guessingLoss(classCount: classCount)
        nextObservation = start + ArticleRun.observationInterval
    }

    /// Runs until the last epoch, or until the observer says stop.
    ///
    /// - Parameter keepsBest: whether a stopped run gives the weights after its best epoch, by the
    ///   loss on the development rows or else on the rows of the epoch, instead of an error.
    /// - Returns: the weights.
    /// - Throws: `TrainingError.diverged` or `.stopped`.
    mutating func run(keepsBest: Bool) throws(TrainingError) -> Outcome {
        for epoch in 1...epochs {
            guard try runEpoch(epoch) else {
                guard let best else { throw .stopped(epoch: epoch) }
                return Outcome(
                    epochs: best.epoch,
                    isComplete: false,
                    accuracy: lastAccuracy,
                    losses: Array(losses.prefix(best.epoch)),
                    tensors: best.tensors
                )
            }
            if keepsBest { keepIfBest(after: epoch) }
        }
        guard lastLoss <= lossLimit else {
            throw .diverged(
                epoch: epochs,
                detail: "the loss is \(lastLoss) where guessing has \(lossLimit / 10)"
            )
        }
        let tensors = trainer.parameters.tensors()
        guard ArticleRun.isUsable(tensors) else {
            throw .diverged(
                epoch: epochs,
                detail: "a weight is beyond \(Checkpoint.maximumWeight) or not a number"
            )
        }
        _ = observer(progress(epoch: epochs, rows: texts.count))
        return Outcome(
            epochs: epochs,
            isComplete: true,
            accuracy: lastAccuracy,
            losses: losses,
            tensors: tensors
        )
    }

    /// One pass over the rows in their order; false if the observer said stop.
    private mutating func runEpoch(_ epoch: Int) throws(TrainingError) -> Bool {
        var (loss, right) = (0.0, 0)
        for row in 0..<texts.count {
            let step = trainer.learn(row)
            loss += step.loss
            right += step.isRight ? 1 : 0
            guard step.loss.isFinite else {
                throw .diverged(epoch: epoch, detail: "the loss is no longer a number")
            }
            workSinceClock += texts.range(row).count * workOfWord
            guard workSinceClock >= ArticleRun.workBetweenClocks else { continue }
            workSinceClock = 0
            if epoch == 1 { report(loss: loss, right: right, rows: row + 1) }
            guard isToProceed(epoch: epoch, rows: row + 1) else { return false }
        }
        report(loss: loss, right: right, rows: texts.count)
        losses.append(lastLoss)
        return true
    }

    private mutating func report(loss: Double, right: Int, rows: Int) {
        lastLoss = loss / Double(rows)
        lastAccuracy = Double(right) / Double(rows)
    }

    private mutating func isToProceed(epoch: Int, rows: Int) -> Bool {
        guard ContinuousClock.now >= nextObservation else { return true }
        let directive = observer(progress(epoch: epoch, rows: rows))
        nextObservation = ContinuousClock.now + ArticleRun.observationInterval
        return directive == .proceed
    }

    private func progress(epoch: Int, rows: Int) -> TrainingProgress {
        TrainingProgress(
            epoch: epoch,
            epochs: epochs,
            fraction: (Double(epoch - 1) + Double(rows) / Double(texts.count)) / Double(epochs),
            loss: lastLoss,
            accuracy: lastAccuracy,
            elapsed: ContinuousClock.now - start
        )
    }

    private mutating func keepIfBest(after epoch: Int) {
        let loss = development.map { trainer.meanLoss(on: $0) } ?? lastLoss
        if let best, best.loss <= loss { return }
        let tensors = trainer.parameters.tensors()
        if ArticleRun.isUsable(tensors) { best = (loss, epoch, tensors) }
    }

    private static func isUsable(_ tensors: [String: Tensor]) -> Bool {
        tensors.values.allSatisfy { tensor in
            tensor.values.allSatisfy { abs($0) <= Checkpoint.maximumWeight }
        }
    }
}
