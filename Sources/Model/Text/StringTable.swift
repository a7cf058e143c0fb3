/// Distinct byte strings, numbered from 0 in the order in which they came.
///
/// Open addressing with linear probing over one pool of bytes; lookup makes no `String`.
package struct StringTable: Sendable {
    private var bytes: [UInt8] = []
    private var ends: [Int] = []
    /// A slot holds the upper half of the hash above the number + 1; 0 is an empty slot.
    private var slots: [UInt64] = Array(repeating: 0, count: 16)
    private let seed = UInt64.random(in: .min ... .max)

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

    /// The length of a string.
    func byteCount(of number: Int) -> Int { range(number).count }

    /// The number of `string`, nil if it is not in the table.
    ///
    /// - Complexity: O(length) expected; allocates nothing.
    package func number(of string: UnsafeBufferPointer<UInt8>) -> Int32? {
        number(at: slot(for: string, hash: hash(string)))
    }

    /// The number of `string`, which is added if it is new.
    package mutating func intern(_ string: UnsafeBufferPointer<UInt8>) -> Int32 {
        if (count + 1) * 2 > slots.count { grow() }
        let hash = self.hash(string)
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
        slots.withUnsafeBufferPointer { slots in
            let mask = slots.count - 1
            var slot = Int(truncatingIfNeeded: hash) & mask
            while slots[slot] != 0 {
                let isLikely = slots[slot] >> 32 == hash >> 32
                if isLikely && holds(string, at: Int(slots[slot] & 0xFFFF_FFFF) - 1) { break }
                slot = (slot + 1) & mask
            }
            return slot
        }
    }

    private func holds(_ string: UnsafeBufferPointer<UInt8>, at number: Int) -> Bool {
        let range = range(number)
        guard range.count == string.count else { return false }
        return bytes.withUnsafeBufferPointer { bytes in
            for offset in 0..<string.count
            where bytes[range.lowerBound + offset] != string[offset] {
                return false
            }
            return true
        }
    }

    private mutating func grow() {
        slots = Array(repeating: 0, count: slots.count * 2)
        let mask = slots.count - 1
        for number in 0..<count {
            let hash = withBytes(of: number) { self.hash($0) }
            var slot = Int(truncatingIfNeeded: hash) & mask
            while slots[slot] != 0 { slot = (slot + 1) & mask }
            slots[slot] = (hash >> 32) << 32 | UInt64(number + 1)
        }
    }

    /// Eight bytes at a time, each folded in by a full 64 × 64 bit multiplication; the last load
    /// may overlap the one before, which the length makes unambiguous.
    ///
    /// The seed is drawn anew for each table, so that nobody can choose strings that collide.
    private func hash(_ string: UnsafeBufferPointer<UInt8>) -> UInt64 {
        let bytes = UnsafeRawBufferPointer(string)
        let count = bytes.count
        var hash = seed ^ UInt64(count)
        var offset = 0
        while offset + 8 < count {
            let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            hash = StringTable.fold(hash ^ word)
            offset += 8
        }
        let tail: UInt64
        if count >= 8 {
            tail = bytes.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
        } else if count >= 4 {
            let low = bytes.loadUnaligned(as: UInt32.self)
            let high = bytes.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self)
            tail = UInt64(high) << 32 | UInt64(low)
        } else if count > 0 {
            tail = UInt64(bytes[0]) << 16 | UInt64(bytes[count / 2]) << 8 | UInt64(bytes[count - 1])
        } else {
            tail = 0
        }
        return StringTable.fold(hash ^ tail) ^ seed
    }

    private static func fold(_ value: UInt64) -> UInt64 {
        let (high, low) = (value ^ 0x9E37_79B9_7F4A_7C15)
            .multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
        return high ^ low
    }
}

extension StringTable: Equatable {
    /// Equal strings in equal order.
    package static func == (left: StringTable, right: StringTable) -> Bool {
        left.bytes == right.bytes && left.ends == right.ends
    }
}
