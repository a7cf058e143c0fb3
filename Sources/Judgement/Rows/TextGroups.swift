package import Model

/// Rows whose texts are so alike that a network which learnt one has seen the others.
///
/// Two kinds of rows share a group:
///
/// - rows whose texts have the same words in the same order, whatever their labels; punctuation
///   does not count;
/// - rows of one label whose words differ by at most one edit in ten (a word added, removed or
///   replaced), so by none in texts of fewer than ten words.
///
/// The order of the words counts: "dog bites man" and "man bites dog" are two texts. A group is
/// built around its first text, so that a chain of small edits does not pull different texts
/// together, and near texts are at most a fifth of their label, so that a label of one template can
/// still be parted.
package struct TextGroups: Sendable {
    /// The rows of each group, ascending; groups in the order of their first rows.
    package private(set) var groups: [[Int]] = []
    /// A number for each group that depends on the words of its first text alone.
    package private(set) var hashes: [UInt64] = []

    /// Texts with fewer words than this have no near duplicates.
    static let leastNearWords = 10
    /// Near rows that a small label may have in one group.
    private static let leastNearRows = 5

    /// Groups `rows`.
    ///
    /// - Parameters:
    ///   - texts: all texts.
    ///   - labels: the label of each text.
    ///   - rows: the numbers of the texts to group.
    /// - Complexity: O(words), but for texts with the same four words in a row, of which a bounded
    ///   number is compared.
    package init(texts: TokenizedTexts, labels: [Int], rows: [Int]) {
        let isWord = (0..<texts.words.count).map { TextGroups.isWord(texts.words[$0]) }
        var rowsOfLabel: [Int: Int] = [:]
        for row in rows { rowsOfLabel[labels[row], default: 0] += 1 }
        var groupOfText: [[Int32]: Int] = [:]
        var near = NearTexts()
        for row in rows {
            var words = texts[row].filter { isWord[Int($0)] }
            if words.isEmpty { words = Array(texts[row]) }
            if let group = groupOfText[words] {
                groups[group].append(row)
                continue
            }
            let label = labels[row]
            let limit = max(rowsOfLabel[label, default: 0] / 5, TextGroups.leastNearRows)
            let leader = near.leader(of: words) { group in
                groups[group].count < limit && groups[group].allSatisfy { labels[$0] == label }
            }
            if let leader {
                groups[leader].append(row)
                groupOfText[words] = leader
            } else {
                near.add(words, group: groups.count)
                groupOfText[words] = groups.count
                groups.append([row])
                hashes.append(TextGroups.hash(words, of: texts))
            }
        }
    }

    /// Whether a token is more than punctuation: it has a letter, a digit or a character beyond
    /// ASCII.
    private static func isWord(_ token: String) -> Bool {
        token.utf8.contains { byte in
            byte >= 0x80 || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        }
    }

    /// A number that looks random, from the bytes of the words.
    private static func hash(_ words: [Int32], of texts: TokenizedTexts) -> UInt64 {
        var hash: UInt64 = 0
        for word in words {
            for byte in texts.words[Int(word)].utf8 { hash = SplitMix64.mixed(hash ^ UInt64(byte)) }
            // No byte of UTF-8 is 0xFF: it parts the words.
            hash = SplitMix64.mixed(hash ^ 0xFF)
        }
        return hash
    }
}

/// The first texts of groups, found by texts that are near them.
private struct NearTexts {
    private var texts: [(words: [Int32], group: Int)] = []
    /// By four words in a row: the texts that have them.
    private var textsByGram: [UInt64: [Int]] = [:]

    private static let gramSize = 4
    /// Texts with the same four words that one text is compared with, so that the cost stays
    /// linear.
    private static let comparisons = 32

    mutating func add(_ words: [Int32], group: Int) {
        guard words.count >= TextGroups.leastNearWords else { return }
        for gram in Set(NearTexts.grams(words)) {
            textsByGram[gram, default: []].append(texts.count)
        }
        texts.append((words, group))
    }

    /// The group of the first text that is near `words` and allowed.
    func leader(of words: [Int32], allows: (Int) -> Bool) -> Int? {
        guard words.count >= TextGroups.leastNearWords - 1 else { return nil }
        // One edit changes four grams at most, so of one more than all edits change, one is left.
        let edits = (words.count + words.count / 9 + 1) / 10
        let rarest = NearTexts.grams(words).map { textsByGram[$0] ?? [] }
            .sorted { $0.count < $1.count }.prefix(NearTexts.gramSize * edits + 1)
        let candidates = Set(rarest.flatMap { $0.suffix(NearTexts.comparisons) }).sorted()
        for candidate in candidates where allows(texts[candidate].group) {
            let other = texts[candidate].words
            let allowed = max(words.count, other.count) / 10
            if NearTexts.differ(words, other, byAtMost: allowed) { return texts[candidate].group }
        }
        return nil
    }

    private static func grams(_ words: [Int32]) -> [UInt64] {
        guard words.count >= gramSize else { return [] }
        return (0...(words.count - gramSize)).map { start in
            words[start..<(start + gramSize)].reduce(0) { hash, word in
                SplitMix64.mixed(hash ^ UInt64(UInt32(bitPattern: word)))
            }
        }
    }

    /// Whether so many edits at most turn one list into the other (Levenshtein 1966, in a band).
    private static func differ(_ left: [Int32], _ right: [Int32], byAtMost edits: Int) -> Bool {
        guard abs(left.count - right.count) <= edits else { return false }
        var row = Array(0...right.count)
        for (line, word) in left.enumerated() {
            var next = [Int](repeating: edits + 1, count: right.count + 1)
            next[0] = line + 1
            let last = min(line + 1 + edits, right.count)
            for column in stride(from: max(line + 1 - edits, 1), through: last, by: 1) {
                let replaced = row[column - 1] + (word == right[column - 1] ? 0 : 1)
                next[column] = min(replaced, row[column] + 1, next[column - 1] + 1)
            }
            row = next
            if row.min() ?? 0 > edits { return false }
        }
        return row[right.count] <= edits
    }
}

extension SplitMix64 {
    /// The first number of the sequence that starts at `value`.
    static func mixed(_ value: UInt64) -> UInt64 {
        var generator = SplitMix64(seed: value)
        return generator.next()
    }
}
