internal import Digest
internal import Synchronization

/// The texts of the newest predictions, so that a correction can name one.
///
/// In memory only: a ring in which each prediction takes the place of the oldest.
final class PredictionMemory: Sendable {
    /// What was asked.
    struct Prediction: Sendable {
        let model: String
        let text: [UInt8]
    }

    private struct Slot {
        let number: Int
        let prediction: Prediction
    }

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
    func remember(_ text: UnsafeBufferPointer<UInt8>, model: String) -> String {
        let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
        var slot: Slot? = Slot(
            number: number,
            prediction: Prediction(model: model, text: Array(text))
        )
        // What was there is let go outside the lock.
        slots.withLock { swap(&$0[number % capacity], &slot) }
        return prefix + String(number)
    }

    /// The prediction of an identifier; nil if it is forgotten or never was.
    func find(_ id: String) -> Prediction? {
        guard id.hasPrefix(prefix), let number = Int(id.dropFirst(prefix.count)), number >= 0,
            id == prefix + String(number)
        else { return nil }
        return slots.withLock { slots in
            guard let slot = slots[number % capacity], slot.number == number else { return nil }
            return slot.prediction
        }
    }
}
