internal import Model
internal import Synchronization
internal import TextForm

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
    /// How much of a text is read.
    let textRule: TextRule
    /// Where predictions are remembered, if they are.
    let memory: PredictionMemory?
    private let idle = Mutex<[ClassifierScratch]>([])

    init(
        name: String,
        version: Int,
        digest: String,
        classifier: TextClassifier,
        metrics: PredictionMetrics,
        textRule: TextRule,
        memory: PredictionMemory?
    ) {
        self.textRule = textRule
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

    /// The most bytes that an answer can have.
    func answerSize(
        _ texts: [UnsafeBufferPointer<UInt8>],
        _ options: ClassifyRequest.Options
    ) -> Int {
        let ranked = options.topK.map { min($0, fragments.keys.count) * fragments.rankedBytes }
        var size = texts.count * ((ranked ?? fragments.scoreBytes) + 512 + fragments.rankedBytes)
        if options.isExplained {
            // A word has at least one byte, and its bytes may be written as six each.
            for text in texts { size += 6 * text.count + 80 * min(text.count, maximumTokens) }
        }
        return size
    }

    private var maximumTokens: Int { classifier.tokenizer.maximumTokens }

    /// Lends scratch memory for the length of a call.
    func withScratch<Result>(_ use: (ClassifierScratch) -> Result) -> Result {
        let scratch = idle.withLock { $0.popLast() } ?? classifier.makeScratch()
        defer {
            // What a very long text made grow is let go.
            if !scratch.isLarge { idle.withLock { if $0.count < 64 { $0.append(scratch) } } }
        }
        return use(scratch)
    }

    /// Lends what is read of a text, and whether that is only its start.
    func withReading<Result>(
        of text: UnsafeBufferPointer<UInt8>,
        _ use: (_ text: UnsafeBufferPointer<UInt8>, _ isTruncated: Bool) -> Result
    ) -> Result {
        guard text.count > textRule.maximumBytes else { return use(text, false) }
        var kept = textRule.form(of: String(decoding: text, as: UTF8.self))
        return kept.text.withUTF8 { use($0, kept.isTruncated) }
    }
}
