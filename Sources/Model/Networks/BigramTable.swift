/// From pairs of words to feature numbers: open addressing with linear probing.
struct BigramTable: Sendable {
    private struct Slot {
        var key: UInt64 = 0
        /// 0 in an empty slot.
        var numberPlusOne: Int32 = 0
    }

    private var slots: [Slot]
    private let seed = UInt64.random(in: .min ... .max)

    /// Numbers `bigrams` from `first` on, in their order.
    ///
    /// - Returns: nil if one of them stands there twice.
    init?(_ bigrams: [FeatureLists.Bigram], first: Int) {
        var size = 16
        while size < 2 * bigrams.count { size *= 2 }
        slots = Array(repeating: Slot(), count: size)
        for (index, bigram) in bigrams.enumerated() {
            let slot = slot(of: bigram.key)
            guard slots[slot].numberPlusOne == 0 else { return nil }
            slots[slot] = Slot(key: bigram.key, numberPlusOne: Int32(first + index + 1))
        }
    }

    /// The number of `bigram`, nil if it has none.
    func number(of bigram: FeatureLists.Bigram) -> Int32? {
        let number = slots[slot(of: bigram.key)].numberPlusOne
        return number == 0 ? nil : number - 1
    }

    /// The slot that holds `key`, or the empty one where it would go.
    private func slot(of key: UInt64) -> Int {
        slots.withUnsafeBufferPointer { slots in
            let mask = slots.count - 1
            // The seed is drawn anew for each table, so that nobody can choose pairs that collide.
            let (high, low) = (key ^ seed).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
            var slot = Int(truncatingIfNeeded: high ^ low) & mask
            while slots[slot].numberPlusOne != 0 && slots[slot].key != key {
                slot = (slot + 1) & mask
            }
            return slot
        }
    }
}
