internal import Memory
internal import Model
internal import Store
internal import Synchronization

/// A version in shadow of a live one: what it is to be asked, and what was counted.
final class ShadowRun: Sendable {
    /// Different answers of the two versions.
    private struct Difference: Hashable {
        let live: String?
        let shadow: String?
    }

    private struct Counts {
        var texts = 0
        var agreed = 0
        var pairs: [Difference: Int] = [:]
        /// The pairs in the order in which they were first seen.
        var order: [Difference] = []

        mutating func add(_ texts: Int, _ pair: Difference) {
            if pairs[pair] == nil { order.append(pair) }
            pairs[pair, default: 0] += texts
        }
    }

    private struct State {
        var counts = Counts()
        /// What of that, and of the texts that were missed, is in the store.
        var stored = Counts()
        var storedMissed = 0
        /// The newest, at the end.
        var examples: [ShadowExample] = []
    }

    /// The most examples that are kept.
    private static let exampleLimit = 100
    /// The most different pairs that are counted by themselves.
    private static let pairLimit = Retention.shadowPairs

    /// What runs in shadow.
    let candidate: ServedModel
    /// The version that it is compared with.
    let liveVersion: Int
    private let share: Atomic<UInt64>
    private let offered = Atomic<Int>(0)
    private let queue = ShadowQueue()
    private let state = Mutex(State())
    /// The memory of the queue.
    private let taken: MemoryReservation

    /// - Parameters:
    ///   - candidate: what runs in shadow.
    ///   - liveVersion: the version that it is compared with.
    ///   - share: of the texts, above 0 and at most 1.
    ///   - taken: the memory of its queue.
    init(
        _ candidate: ServedModel,
        against liveVersion: Int,
        share: Double,
        taken: MemoryReservation
    ) {
        self.candidate = candidate
        self.liveVersion = liveVersion
        self.share = Atomic(share.bitPattern)
        self.taken = taken
    }

    /// The same against another live version; it counts anew.
    func against(_ liveVersion: Int, share: Double) -> ShadowRun {
        ShadowRun(candidate, against: liveVersion, share: share, taken: taken)
    }

    /// Takes another share of the texts from now on.
    func setShare(_ share: Double) { self.share.store(share.bitPattern, ordering: .relaxed) }

    // MARK: - By who answers

    /// Takes a text that the live version has answered, if it is of the share: of the first n texts
    /// that are offered n · share, rounded down.
    func offer(
        _ text: UnsafeBufferPointer<UInt8>,
        _ said: borrowing Classification,
        _ options: ClassifyRequest.Options,
        by live: ServedModel
    ) {
        guard live.version == liveVersion else { return }
        let number = offered.wrappingAdd(1, ordering: .relaxed).newValue
        let share = Double(bitPattern: share.load(ordering: .relaxed))
        let place = Int(Double(number) * share)
        guard place != Int(Double(number - 1) * share) else { return }
        let answer = ShadowAnswer(
            best: said.best,
            score: said.score,
            answered: said.answered,
            isAbstained: said.abstention != nil
        )
        let id = said.predictionID
        queue.put(place, bytes: text.count) { content in
            content.text.removeAll(keepingCapacity: true)
            content.text.append(contentsOf: text)
            content.answer = answer
            content.labels = live.classifier.labels
            content.minimumConfidence = options.minimumConfidence
            content.usesProposal = options.usesProposal
            content.predictionID = id
        }
    }

    // MARK: - By the thread of the shadows

    /// The places of texts that wait.
    func waiting() -> [Int] { queue.filledPlaces() }

    /// Asks the version in shadow what lies in some places, and counts.
    ///
    /// - Parameters:
    ///   - places: what `waiting` returned.
    ///   - isStopping: asked before each text; whether the rest is left.
    func answer(_ places: [Int], isStopping: () -> Bool) {
        var counts = Counts()
        var examples: [ShadowExample] = []
        let labels = candidate.classifier.labels
        for place in places {
            if isStopping() { break }
            queue.take(place) { text in
                let answer = text.text.withUnsafeBufferPointer {
                    candidate.silentAnswer(
                        to: $0,
                        minimumConfidence: text.minimumConfidence,
                        usesProposal: text.usesProposal
                    )
                }
                counts.texts += 1
                guard !ShadowAnswer.agree(text.answer, text.labels, answer, labels) else {
                    counts.agreed += 1
                    return
                }
                let live = text.answer.stated(text.labels)
                let shadow = answer.stated(labels)
                counts.add(1, Difference(live: live, shadow: shadow))
                guard let id = text.predictionID else { return }
                examples.append(
                    ShadowExample(
                        predictionID: id,
                        live: (live, text.answer.score),
                        shadow: (shadow, answer.score)
                    )
                )
            }
        }
        state.withLock { state in
            state.counts.texts += counts.texts
            state.counts.agreed += counts.agreed
            for pair in counts.order
            where state.counts.pairs[pair] != nil || state.counts.pairs.count < Self.pairLimit {
                state.counts.add(counts.pairs[pair] ?? 0, pair)
            }
            state.examples += examples
            let surplus = state.examples.count - Self.exampleLimit
            if surplus > 0 { state.examples.removeFirst(surplus) }
        }
    }

    // MARK: - By who wants to know

    /// What this server has counted since it began; pairs in the order in which they came up.
    var counts: ShadowCounts {
        state.withLock { all($0) }
    }

    /// What of that is not in the store yet.
    var unstored: ShadowCounts {
        state.withLock { state in
            var counts = all(state)
            counts.texts -= state.stored.texts
            counts.agreed -= state.stored.agreed
            counts.dropped -= state.storedMissed
            counts.pairs = counts.pairs.compactMap { pair in
                let key = Difference(live: pair.live, shadow: pair.shadow)
                let new = pair.texts - (state.stored.pairs[key] ?? 0)
                return new > 0
                    ? ShadowPair(live: pair.live, shadow: pair.shadow, texts: new) : nil
            }
            return counts
        }
    }

    /// Says that what `unstored` returned is in the store now.
    func setStored(_ counts: ShadowCounts) {
        state.withLock { state in
            state.stored.texts += counts.texts
            state.stored.agreed += counts.agreed
            state.storedMissed += counts.dropped
            for pair in counts.pairs {
                let key = Difference(live: pair.live, shadow: pair.shadow)
                state.stored.add(pair.texts, key)
            }
        }
    }

    /// Texts that were answered differently and are remembered, the newest first.
    var examples: [ShadowExample] { state.withLock { $0.examples.reversed() } }

    private func all(_ state: borrowing State) -> ShadowCounts {
        var counts = ShadowCounts(
            model: candidate.name,
            version: candidate.version,
            liveVersion: liveVersion
        )
        counts.texts = state.counts.texts
        counts.agreed = state.counts.agreed
        counts.dropped = queue.missed
        counts.pairs = state.counts.order.map {
            ShadowPair(live: $0.live, shadow: $0.shadow, texts: state.counts.pairs[$0] ?? 0)
        }
        return counts
    }
}
