internal import Digest
internal import Store
internal import Synchronization

/// The newest predictions with their texts, so that a correction can name one.
///
/// In memory only: a ring in which each prediction takes the place of the oldest.
final class PredictionMemory: Sendable {
    /// What was asked, and what was answered.
    struct Prediction: Sendable {
        let model: String
        let version: Int
        let text: [UInt8]
        let label: String
        let score: Float
        /// How much less likely the second label was.
        let margin: Float
        /// In milliseconds since 1970.
        let time: Int
    }

    private struct Slot {
        let number: Int
        /// nil once it is to be forgotten.
        var prediction: Prediction?
        /// Whether somebody has looked at it.
        var isReviewed = false
    }

    /// How many are looked at while those who answer wait.
    private static let piece = 256

    /// Told apart from those of other servers, and of this one before it was started anew.
    private let prefix = RandomIdentifier.make(prefix: "p-") + "-"
    private let next = Atomic<Int>(0)
    private let slots: Mutex<[Slot?]>
    private let capacity: Int

    /// - Parameter capacity: how many predictions are remembered, 1 or more.
    init(capacity: Int) {
        self.capacity = capacity
        slots = Mutex(Array(repeating: nil, count: capacity))
    }

    /// Takes note of a prediction and returns its identifier.
    func remember(_ prediction: Prediction) -> String {
        let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
        var slot: Slot? = Slot(number: number, prediction: prediction)
        // What was there is let go outside the lock.
        slots.withLock { slots in
            // A thread that was held up does not take the place of a newer one.
            if slots[number % capacity]?.number ?? -1 < number {
                swap(&slots[number % capacity], &slot)
            }
        }
        return prefix + String(number)
    }

    /// The number of an identifier of this memory; nil if it is another's.
    func number(of id: String) -> Int? {
        guard id.hasPrefix(prefix), let number = Int(id.dropFirst(prefix.count)), number >= 0,
            id == prefix + String(number)
        else { return nil }
        return number
    }

    /// The prediction of an identifier; nil if it is forgotten or never was.
    func find(_ id: String) -> Prediction? {
        guard let number = number(of: id) else { return nil }
        return slots.withLock { slots in
            guard let slot = slots[number % capacity], slot.number == number else { return nil }
            return slot.prediction
        }
    }

    /// Takes a prediction off the list, because somebody has looked at it.
    func setReviewed(_ id: String) { change(id) { $0.isReviewed = true } }

    /// Forgets a prediction; returns whether it was there.
    func forget(_ id: String) -> Bool {
        let isThere = find(id) != nil
        change(id) { $0.prediction = nil }
        return isThere
    }

    private func change(_ id: String, _ body: (inout Slot) -> Void) {
        guard let number = number(of: id) else { return }
        slots.withLock { slots in
            guard var slot = slots[number % capacity], slot.number == number else { return }
            body(&slot)
            slots[number % capacity] = slot
        }
    }

    /// Predictions that nobody has looked at yet.
    ///
    /// - Parameters:
    ///   - order: which come first.
    ///   - limit: the most that are returned.
    ///   - isWanted: whether one of a model is wanted.
    /// - Returns: the predictions with their identifiers.
    func list(
        _ order: PredictionOrder,
        limit: Int,
        of isWanted: (String) -> Bool
    ) -> [(id: String, prediction: Prediction)] {
        var best: [(key: Float, number: Int, prediction: Prediction)] = []
        for start in stride(from: 0, to: capacity, by: Self.piece) {
            // A copy: whoever keeps a part of the array makes the next writer copy all of it.
            let piece = slots.withLock { Array($0[start..<min(start + Self.piece, capacity)]) }
            for slot in piece {
                guard let slot, !slot.isReviewed, let found = slot.prediction,
                    isWanted(found.model)
                else { continue }
                let key =
                    switch order {
                    case .uncertain: found.score
                    case .margin: found.margin
                    case .random: Float.random(in: 0..<1)
                    }
                // Of equals the newest.
                let place = best.partitioningIndex { ($0.key, -$0.number) > (key, -slot.number) }
                guard place < limit else { continue }
                best.insert((key, slot.number, found), at: place)
                if best.count > limit { best.removeLast() }
            }
        }
        return best.map { (prefix + String($0.number), $0.prediction) }
    }

    /// Predictions that came since a number, the oldest first.
    ///
    /// - Parameters:
    ///   - first: the number of the first that is wanted.
    ///   - count: the most that are returned; of more the newest.
    ///   - bytes: about how many bytes their texts have at most.
    /// - Returns: the predictions, where the next begin, and how many were left out.
    func news(
        from first: Int,
        atMost count: Int,
        bytes: Int
    ) -> (predictions: [StoredPrediction], next: Int, missed: Int) {
        let end = next.load(ordering: .relaxed)
        let start = max(first, end - min(count, capacity))
        var missed = start - first
        var (news, size, number) = ([StoredPrediction](), 0, start)
        while number < end && size < bytes {
            let slot = slots.withLock { $0[number % capacity] }
            // One that is being put there comes with the next look.
            guard let slot, slot.number >= number else { break }
            if slot.number > number {
                missed += 1
            } else if let found = slot.prediction {
                news.append(StoredPrediction(found, id: prefix + String(number)))
                size += found.text.count
            }
            number += 1
        }
        return (news, number, missed)
    }
}

extension StoredPrediction {
    init(_ prediction: PredictionMemory.Prediction, id: String) {
        self.init(
            id: id,
            model: prediction.model,
            version: prediction.version,
            text: String(decoding: prediction.text, as: UTF8.self),
            label: prediction.label,
            score: Double(prediction.score),
            margin: Double(prediction.margin),
            createdAt: prediction.time
        )
    }
}

extension Array {
    /// The first place whose element fulfils a condition that all behind it fulfil too.
    fileprivate func partitioningIndex(_ isBehind: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
