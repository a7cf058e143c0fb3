package import Model

/// Rows cut into parts, so that what one model has learnt and what it is asked stay apart.
///
/// Groups of like texts (`TextGroups`) stay whole. The order within a label comes from a hash of
/// the text, so most rows keep their side when other rows come or go, and versions of a model are
/// asked the same rows.
package struct Partition: Sendable {
    private let groups: [[Int]]
    private let hashes: [UInt64]
    private let labels: [Int]
    /// The groups of each label, by the label of their first row, in the order of their hashes.
    private let groupsByLabel: [[Int]]

    /// Prepares `rows`.
    ///
    /// - Parameters:
    ///   - texts: all texts.
    ///   - labels: the label of each text.
    ///   - rows: the numbers of the texts to part.
    ///   - salt: another number gives other parts.
    package init(texts: TokenizedTexts, labels: [Int], rows: [Int], salt: UInt64 = 0) {
        let texts = TextGroups(texts: texts, labels: labels, rows: rows)
        groups = texts.groups
        self.labels = labels
        let hashes = texts.hashes.map { salt == 0 ? $0 : SplitMix64.mixed($0 ^ salt) }
        self.hashes = hashes
        var groupsByLabel: [Int: [Int]] = [:]
        for (group, rows) in groups.enumerated() {
            groupsByLabel[labels[rows[0]], default: []].append(group)
        }
        self.groupsByLabel = groupsByLabel.sorted { $0.key < $1.key }.map { _, groups in
            groups.sorted { (hashes[$0], $0) < (hashes[$1], $1) }
        }
    }

    /// Parts the groups of each label evenly, so that every row is answered once by a model that
    /// has learnt the other parts.
    ///
    /// Of a label's n groups, the one of rank r by its hash comes to the part at (r + u)/n of all,
    /// u being another number below 1 from its text. So the parts of a label are even, labels with
    /// few texts spread over all parts, and when rows come or go only few others change their part.
    ///
    /// A row whose label no other part has is asked all the same: its answer is wrong, as that of
    /// any text would be whose label is new. The share of such rows estimates how often that
    /// happens (Good 1953, "The Population Frequencies of Species").
    ///
    /// - Parameter count: how many parts there are at most.
    /// - Returns: One split a part; none where there is only one group.
    package func folds(_ count: Int) -> [RowSplit] {
        var parts = [[Int]](repeating: [], count: count)
        for candidates in groupsByLabel {
            for (rank, group) in candidates.enumerated() {
                let place = (Double(rank) + jitter(group)) / Double(candidates.count)
                parts[min(Int(place * Double(count)), count - 1)] += groups[group]
            }
        }
        parts.removeAll(where: \.isEmpty)
        if parts.count == 1, groups.count > 1 {
            // Very few texts may all fall into one part; any two parts are better than none.
            parts = groups.prefix(count).indices.map { part in
                stride(from: part, to: groups.count, by: count).flatMap { groups[$0] }
            }
        }
        guard parts.count > 1 else { return [] }
        return parts.indices.map { part in
            RowSplit(
                training: parts.indices.filter { $0 != part }.flatMap { parts[$0] }.sorted(),
                heldOut: parts[part].sorted()
            )
        }
    }

    /// A number from 0 to 1 that does not depend on the rank of the group's hash.
    private func jitter(_ group: Int) -> Double {
        Double(SplitMix64.mixed(~hashes[group]) >> 11) / Double(1 << 53)
    }

    /// Holds out a share of the rows of every label; what a label cannot give, because its share is
    /// no whole number of texts, the next label gives.
    ///
    /// Every label keeps a text to learn from, and gives half of its texts at most.
    ///
    /// - Parameter share: above 0 and below 1.
    /// - Returns: Both sides; nothing is held out where no label has two texts.
    package func heldOut(_ share: Double) -> RowSplit {
        precondition(share > 0 && share < 1, "A share is above 0 and below 1")
        var remaining: [Int: Int] = [:]
        for rows in groups {
            for label in Set(rows.map { labels[$0] }) { remaining[label, default: 0] += 1 }
        }
        var isHeldOut = Set<Int>()
        var owed = 0.0
        for candidates in groupsByLabel {
            let rows = candidates.reduce(0) { $0 + groups[$1].count }
            owed += Double(rows) * share
            let most = max(Double(candidates.count) * max(share, 0.5), 1)
            var given = 0
            for group in candidates where Double(given) + 1 <= most {
                let size = Double(groups[group].count)
                guard size <= owed + 0.5 else { continue }
                let members = Set(groups[group].map { labels[$0] })
                guard members.allSatisfy({ remaining[$0, default: 0] > 1 }) else { continue }
                for label in members { remaining[label, default: 0] -= 1 }
                isHeldOut.formUnion(groups[group])
                given += 1
                owed -= size
            }
        }
        let all = groups.joined().sorted()
        return RowSplit(
            training: all.filter { !isHeldOut.contains($0) },
            heldOut: all.filter(isHeldOut.contains)
        )
    }
}
