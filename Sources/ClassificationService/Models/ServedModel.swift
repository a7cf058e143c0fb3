internal import Model
internal import Synchronization

/// One version of a model, loaded and checked: immutable but for its counters and scratch memory.
final class ServedModel: Sendable {
    let name: String
    let version: Int
    /// SHA-256 of the checkpoint's bytes.
    let digest: String
    let classifier: TextClassifier
    let metrics: PredictionMetrics.Row
    /// What answers are put together from.
    let fragments: AnswerFragments
    /// Where predictions are remembered, if they are.
    let memory: PredictionMemory?
    private let idle = Mutex<[ClassifierScratch]>([])

    init(
        name: String,
        version: Int,
        digest: String,
        classifier: TextClassifier,
        metrics: PredictionMetrics,
        memory: PredictionMemory?
    ) {
        self.memory = memory
        self.name = name
        self.version = version
        self.digest = digest
        self.classifier = classifier
        fragments = AnswerFragments(model: name, version: version, labels: classifier.labels)
        self.metrics = metrics.row(
            model: name,
            version: version,
            labels: classifier.labels
        )
    }

    /// Lends scratch memory for the length of a call.
    func withScratch<Result>(_ use: (ClassifierScratch) -> Result) -> Result {
        let scratch = idle.withLock { $0.popLast() } ?? classifier.makeScratch()
        defer { idle.withLock { if $0.count < 64 { $0.append(scratch) } } }
        return use(scratch)
    }
}
