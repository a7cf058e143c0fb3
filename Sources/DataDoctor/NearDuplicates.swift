internal import Evaluation
internal import Model

/// Finds texts that have nearly the same words, without comparing each with each.
///
/// MinHash signatures cut into bands (Broder 1997; Leskovec, Rajaraman and Ullman, "Mining of
/// Massive Datasets", chapter 3): two texts that share 80 % of their words agree in a whole band
/// with a probability of 99 %. Texts that do are compared word by word.
struct NearDuplicates {
    /// Two rows and how similar they are.
    struct Pair: Equatable {
        let first: Int
        let second: Int
        let similarity: Double
    }

    /// From this share of common words on, two texts are near duplicates.
    static let leastSimilarity = 0.8
    private static let bands = 12
    private static let hashesPerBand = 5
    /// Of a crowded bucket, each text is compared with so many others at most, so that the cost
    /// stays linear.
    private static let comparisons = 8

    /// The pairs, most similar first.
    let pairs: [Pair]

    /// Compares the texts of `rows`, all of which are different.
    init(texts: TokenizedTexts, rows: [Int]) {
        let words = rows.map { row in Set(texts[row]).sorted() }
        var seen: Set<UInt64> = []
        var pairs: [Pair] = []
        for band in 0..<NearDuplicates.bands {
            var buckets: [UInt64: [Int]] = [:]
            for index in rows.indices {
                let signature = NearDuplicates.signature(words[index], band: band)
                var bucket = buckets[signature] ?? []
                for other in bucket.suffix(NearDuplicates.comparisons) {
                    let key = UInt64(other) << 32 | UInt64(index)
                    guard seen.insert(key).inserted else { continue }
                    let similarity = NearDuplicates.similarity(words[other], words[index])
                    if similarity >= NearDuplicates.leastSimilarity {
                        pairs.append(
                            Pair(
                                first: rows[other],
                                second: rows[index],
                                similarity: rounded(similarity)
                            )
                        )
                    }
                }
                bucket.append(index)
                buckets[signature] = bucket
            }
        }
        self.pairs = pairs.sorted {
            ($0.similarity, $1.first, $1.second) > ($1.similarity, $0.first, $0.second)
        }
    }

    /// The least hashes of a text's words under each function of a band, in one number.
    private static func signature(_ words: [Int32], band: Int) -> UInt64 {
        var signature: UInt64 = 0
        for index in 0..<hashesPerBand {
            let salt = UInt64(band * hashesPerBand + index + 1) &* 0x9E37_79B9_7F4A_7C15
            var least = UInt64.max
            for word in words { least = min(least, mixed(UInt64(UInt32(bitPattern: word)) ^ salt)) }
            signature = mixed(signature ^ least)
        }
        return signature
    }

    private static func mixed(_ value: UInt64) -> UInt64 {
        var generator = SplitMix64(seed: value)
        return generator.next()
    }

    /// The share of the words of both that both have; both lists ascend.
    private static func similarity(_ left: [Int32], _ right: [Int32]) -> Double {
        var (first, second, common) = (0, 0, 0)
        while first < left.count && second < right.count {
            if left[first] == right[second] { common += 1 }
            let (one, other) = (left[first], right[second])
            first += one <= other ? 1 : 0
            second += other <= one ? 1 : 0
        }
        return Double(common) / Double(left.count + right.count - common)
    }
}
