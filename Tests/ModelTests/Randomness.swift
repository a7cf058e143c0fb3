/// SplitMix64 (Steele, Lea, Flood 2014): a fixed sequence for tests.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }

    /// A float in -1...1.
    mutating func uniform() -> Float { Float.random(in: -1...1, using: &self) }
}

/// Text of random scalars from all over Unicode, with many from the places that matter.
func randomText(_ random: inout SplitMix) -> String {
    let pools: [ClosedRange<UInt32>] = [
        0x0...0x7F, 0x20...0x7E, 0x80...0x24F, 0x300...0x36F, 0x370...0x4FF, 0x590...0x6FF,
        0xE00...0xEFF, 0x200B...0x206F, 0x3040...0x30FF, 0x4E00...0x4E40, 0xFE00...0xFE0F,
        0x1F1E6...0x1F1FF, 0x1F3FB...0x1F64F, 0xE0020...0xE007F, 0x0...0x10FFFF,
    ]
    var text = ""
    for _ in 0..<Int.random(in: 0...24, using: &random) {
        let pool = pools[Int.random(in: 0..<pools.count, using: &random)]
        guard let scalar = Unicode.Scalar(UInt32.random(in: pool, using: &random)) else { continue }
        text.unicodeScalars.append(scalar)
    }
    return text
}
