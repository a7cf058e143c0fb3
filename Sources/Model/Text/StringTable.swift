/// Distinct byte strings, numbered from 0 in the order in which they came.
///
/// Open addressing with linear probing over one pool of bytes; lookup makes no `String`.
package struct StringTable: Sendable {
    private var bytes: [UInt8] = []
    private var ends: [Int] = []
    /// A slot holds the upper half of the hash above the number + 1; 0 is an empty slot.
    private var slots: [UInt64] = Array(repeating: 0, count: 16)

    package init() {}

    /// Numbers `strings` in their order.
    ///
    /// - Returns: nil if one of them stands there twice.
    package init?(distinct strings: some Sequence<String>) {
        for string in strings {
            let before = count
            var string = string
            guard Int(string.withUTF8 { intern($0) }) == before else { return nil }
        }
    }

    package var count: Int { ends.count }

    /// The string with this number.
    package subscript(number: Int) -> String {
        String(decoding: bytes[range(number)], as: UTF8.self)
    }

    /// All strings in order.
    package var strings: [String] { (0..<count).map { self[$0] } }

    /// Calls `body` with the bytes of a string.
    package func withBytes<R>(of number: Int, _ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
        bytes.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[range(number)])) }
    }

    /// The number of `string`, nil if it is not in the table.
    ///
    /// - Complexity: O(length) expected; allocates nothing.
    package func number(of string: UnsafeBufferPointer<UInt8>) -> Int32? {
        number(at: slot(for: string, hash: StringTable.hash(string)))
    }

    /// The number of `string`, which is added if it is new.
    package mutating func intern(_ string: UnsafeBufferPointer<UInt8>) -> Int32 {
        if (count + 1) * 2 > slots.count { grow() }
        let hash = StringTable.hash(string)
        let slot = slot(for: string, hash: hash)
        if let known = number(at: slot) { return known }
        slots[slot] = (hash >> 32) << 32 | UInt64(count + 1)
        bytes.append(contentsOf: string)
        ends.append(bytes.count)
        return Int32(count - 1)
    }

    private func range(_ number: Int) -> Range<Int> {
        (number == 0 ? 0 : ends[number - 1])..<ends[number]
    }

    private func number(at slot: Int) -> Int32? {
        let value = slots[slot] & 0xFFFF_FFFF
        return value == 0 ? nil : Int32(value - 1)
    }

    /// The slot that holds `string`, or the empty one where it would go.
    private func slot(for string: UnsafeBufferPointer<UInt8>, hash: UInt64) -> Int {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while let number = number(at: slot) {
            if slots[slot] >> 32 == hash >> 32 && holds(string, at: Int(number)) { break }
            slot = (slot + 1) & mask
        }
        return slot
    }

    private func holds(_ string: UnsafeBufferPointer<UInt8>, at number: Int) -> Bool {
        let range = range(number)
        guard range.count == string.count else { return false }
        for offset in 0..<string.count where bytes[range.lowerBound + offset] != string[offset] {
            return false
        }
        return true
    }

    private mutating func grow() {
        slots = Array(repeating: 0, count: slots.count * 2)
        let mask = slots.count - 1
        for number in 0..<count {
            let hash = withBytes(of: number) { StringTable.hash($0) }
            var slot = Int(truncatingIfNeeded: hash) & mask
            while slots[slot] != 0 { slot = (slot + 1) & mask }
            slots[slot] = (hash >> 32) << 32 | UInt64(number + 1)
        }
    }

    /// FNV-1a, with the finalizer of SplitMix64 to spread it over both halves.
    private static func hash(_ string: UnsafeBufferPointer<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in string { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        hash = (hash ^ hash >> 30) &* 0xBF58_476D_1CE4_E5B9
        hash = (hash ^ hash >> 27) &* 0x94D0_49BB_1331_11EB
        return hash ^ hash >> 31
    }
}
