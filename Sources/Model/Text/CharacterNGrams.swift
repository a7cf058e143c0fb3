/// The character n-grams of a word between `<` and `>`, by Unicode scalars.
///
/// The whole of `<word>` is left out: that is the word itself (Bojanowski et al. 2017).
package struct CharacterNGrams {
    private var bytes: [UInt8] = []
    private var starts: [Int] = []

    package init() {}

    /// Calls `body` with each n-gram of `word` whose length is in `lengths`, by place and length.
    package mutating func forEach(
        of word: UnsafeBufferPointer<UInt8>,
        lengths: ClosedRange<Int>,
        _ body: (UnsafeBufferPointer<UInt8>) -> Void
    ) {
        guard !word.isEmpty else { return }
        bytes.removeAll(keepingCapacity: true)
        bytes.append(UInt8(ascii: "<"))
        bytes.append(contentsOf: word)
        bytes.append(UInt8(ascii: ">"))
        starts.removeAll(keepingCapacity: true)
        for (index, byte) in bytes.enumerated() where byte & 0xC0 != 0x80 { starts.append(index) }
        let count = starts.count
        starts.append(bytes.count)
        bytes.withUnsafeBufferPointer { all in
            for first in 0..<count {
                for length in lengths where first + length <= count && length < count {
                    body(
                        UnsafeBufferPointer(
                            rebasing: all[starts[first]..<starts[first + length]]
                        )
                    )
                }
            }
        }
    }
}
