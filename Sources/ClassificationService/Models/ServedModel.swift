internal import Glibc
internal import Memory
internal import Model
internal import Store
internal import Synchronization
internal import TextForm

/// One version of a model, loaded and checked: immutable but for its counters and scratch memory.
final class ServedModel: Sendable {
    /// Which version it is.
    let identity: LiveVersion
    let classifier: TextClassifier
    let metrics: PredictionMetrics.Row
    /// What answers are put together from.
    let fragments: AnswerFragments
    /// How much of a text is read.
    let textRule: TextRule
    /// Where predictions are remembered, if they are.
    let memory: PredictionMemory?
    /// Where it offers what it answers while it is live.
    let tap: ShadowTap
    private let idle = IdleObjects<ClassifierScratch>()
    private let taken: MemoryReservation
    private let lastTouch = Atomic<Int>(0)

    /// - Parameters:
    ///   - identity: which version it is.
    ///   - classifier: what answers.
    ///   - metrics: gets its counters.
    ///   - textRule: how much of a text is read.
    ///   - memory: where predictions are remembered, if they are.
    ///   - tap: where it offers what it answers while it is live.
    ///   - taken: the memory that it takes.
    init(
        _ identity: LiveVersion,
        classifier: TextClassifier,
        metrics: PredictionMetrics,
        textRule: TextRule,
        memory: PredictionMemory?,
        tap: ShadowTap,
        taken: MemoryReservation
    ) {
        self.identity = identity
        self.taken = taken
        self.textRule = textRule
        self.memory = memory
        self.tap = tap
        self.classifier = classifier
        fragments = AnswerFragments(
            model: identity.model,
            version: identity.version,
            labels: classifier.labels
        )
        self.metrics = metrics.row(
            model: identity.model,
            version: identity.version,
            labels: classifier.labels
        )
        touch()
    }

    var name: String { identity.model }
    var version: Int { identity.version }

    /// The memory that it takes.
    var byteCount: Int { taken.bytes }

    /// When it was asked for last, on a clock that counts milliseconds.
    var lastUse: Int { lastTouch.load(ordering: .relaxed) }

    /// Says that it is asked for.
    func touch() {
        var now = timespec()
        // A few nanoseconds: it only reads what the kernel wrote at its last tick.
        clock_gettime(CLOCK_MONOTONIC_COARSE, &now)
        let tick = now.tv_sec * 1000 + now.tv_nsec / 1_000_000
        // Threads that ask within a tick write nothing, so they share the line.
        if tick != lastUse { lastTouch.store(tick, ordering: .relaxed) }
    }

    /// The most bytes that an answer can have.
    func answerSize(
        _ texts: [UnsafeBufferPointer<UInt8>],
        _ options: ClassifyRequest.Options
    ) -> Int {
        let ranked = options.topK.map { min($0, fragments.labelCount) * fragments.rankedBytes }
        var size = texts.count * ((ranked ?? fragments.scoreBytes) + 512 + fragments.rankedBytes)
        // All of several labels may be among those that a text gets.
        let isMulti = classifier.output == .multi
        if isMulti { size += texts.count * fragments.scoreBytes }
        if options.isExplained {
            // Each word tells of each of several labels.
            let words = texts.reduce(0) { $0 + min($1.count, maximumTokens) }
            if isMulti { size += words * (fragments.scoreBytes + 64 * fragments.labelCount) }
            // A word has at least one byte, and its bytes may be written as six each.
            for text in texts { size += 6 * text.count + 80 * min(text.count, maximumTokens) }
        }
        return size
    }

    private var maximumTokens: Int { classifier.tokenizer.maximumTokens }

    /// Lends scratch memory for the length of a call.
    func withScratch<Result>(_ use: (ClassifierScratch) -> Result) -> Result {
        let scratch = idle.take() ?? classifier.makeScratch()
        // What a very long text made grow is let go.
        defer { if !scratch.isLarge { idle.keep(scratch) } }
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
