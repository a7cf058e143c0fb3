internal import Model

/// Which words, and pairs of words, tell most of each label.
///
/// Ranked by the log-odds of the n-gram's rows inside the label against outside, each with a prior
/// of the n-gram's share in all rows, divided by its standard deviation (Monroe, Colaresi and Quinn
/// 2008, "Fightin' Words").
struct NGramBinding {
    /// N-grams of a label that are listed.
    private static let listed = 5
    /// Rows that a prior counts for.
    private static let prior = 10.0
    /// Stands for all rows among numbers of labels.
    private static let anyLabel = -1
    /// An n-gram that stands in fewer rows tells of these rows alone.
    private static let leastRows = 2

    /// By label: its n-grams, the strongest first.
    let ngrams: [[DataReport.BoundNGram]]

    /// Counts texts, each with the indices of its labels.
    init(texts: TokenizedTexts, labels: [[Int]], classCount: Int) {
        let rowsOfLabel = labels.joined().reduce(into: [Int](repeating: 0, count: classCount)) {
            $0[$1] += 1
        }
        let counts = NGramBinding.counts(texts, labels: labels)
        var candidates = [[(z: Double, ngram: UInt64, rows: Int, all: Int)]](
            repeating: [],
            count: classCount
        )
        let total = Double(labels.count)
        for (ngram, byLabel) in counts {
            let all = byLabel[NGramBinding.anyLabel] ?? 0
            guard all >= NGramBinding.leastRows else { continue }
            let share = Double(all) / total
            for (label, rows) in byLabel where label != NGramBinding.anyLabel {
                let inside = Double(rowsOfLabel[label])
                let z = NGramBinding.z(
                    Double(rows),
                    of: inside,
                    Double(all - rows),
                    of: total - inside,
                    share: share
                )
                if z > 0 { candidates[label].append((z, ngram, rows, all)) }
            }
        }
        ngrams = candidates.map { candidates in
            candidates.sorted { ($0.z, $1.ngram) > ($1.z, $0.ngram) }.prefix(NGramBinding.listed)
                .map {
                    DataReport.BoundNGram(
                        ngram: NGramBinding.spelling($0.ngram, texts),
                        rows: $0.rows,
                        rowsInAll: $0.all
                    )
                }
        }
    }

    /// By n-gram, then by label: in how many rows it stands; all rows together count as a label.
    private static func counts(_ texts: TokenizedTexts, labels: [[Int]]) -> [UInt64: [Int: Int]] {
        let isWord = (0..<texts.words.count).map { number in
            texts.words.withBytes(of: number) { NGramBinding.isWord($0) }
        }
        var counts: [UInt64: [Int: Int]] = [:]
        var seen: Set<UInt64> = []
        for (row, labels) in labels.enumerated() {
            seen.removeAll(keepingCapacity: true)
            var previous: UInt64?
            for token in texts[row] {
                guard isWord[Int(token)] else {
                    previous = nil
                    continue
                }
                let word = UInt64(UInt32(bitPattern: token)) + 1
                seen.insert(word)
                if let previous { seen.insert(previous << 32 | word) }
                previous = word
            }
            for ngram in seen {
                for label in labels + [anyLabel] {
                    counts[ngram, default: [:]][label, default: 0] += 1
                }
            }
        }
        return counts
    }

    /// Whether a token is more than ASCII punctuation, which tells of style rather than of a topic.
    private static func isWord(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        bytes.contains { $0 >= 0x80 || $0 &- 0x30 < 10 || ($0 | 0x20) &- 0x61 < 26 }
    }

    /// How many standard deviations the log-odds inside are above those outside.
    private static func z(
        _ inside: Double,
        of insideRows: Double,
        _ outside: Double,
        of outsideRows: Double,
        share: Double
    ) -> Double {
        let (hits, misses) = (prior * share, prior * (1 - share) + 1e-9)
        let (a, b) = (inside + hits, insideRows - inside + misses)
        let (c, d) = (outside + hits, outsideRows - outside + misses)
        let difference = (a / b).naturalLogarithm - (c / d).naturalLogarithm
        return difference / (1 / a + 1 / c).squareRoot()
    }

    private static func spelling(_ ngram: UInt64, _ texts: TokenizedTexts) -> String {
        let (first, second) = (ngram >> 32, ngram & 0xFFFF_FFFF)
        let last = texts.words[Int(second) - 1]
        return first == 0 ? last : texts.words[Int(first) - 1] + " " + last
    }
}
