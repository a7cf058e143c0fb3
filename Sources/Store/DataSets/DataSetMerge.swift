package import Examples

/// What a job's rows mean for those that its model has.
public enum DataSetMode: String, Sendable, CaseIterable {
    /// They are added; one whose text is there with another label replaces that.
    case extend
    /// They take the place of all rows that were acknowledged before the job was.
    case replace
}

/// A data set and the rows of a job, put together.
///
/// The result is what there would be if the rows had been added, or had replaced the others, when
/// the job was posted, and everything acknowledged since had been done after that.
package struct DataSetMerge: Sendable {
    /// A row of the data set.
    package struct StoredRow: Sendable, Equatable {
        package var id: Int
        package var example: Example
        /// When it was acknowledged, in the numbers of revisions.
        package var arrived: Int

        package init(id: Int, example: Example, arrived: Int) {
            self.id = id
            self.example = example
            self.arrived = arrived
        }
    }

    /// A row that waits with a job.
    package struct PostedRow: Sendable, Equatable {
        package var example: Example
        /// The revision in which a later change of the same text took the row's place.
        package var overruled: Int?

        package init(example: Example, overruled: Int? = nil) {
            self.example = example
            self.overruled = overruled
        }
    }

    /// A row of the job that the data set does not have.
    package struct AddedRow: Sendable, Equatable {
        package var row: PostedRow
        /// Whether the text had another label.
        package var isRelabelled: Bool
    }

    /// The rows that stay, in their order.
    package private(set) var kept: [StoredRow] = []
    /// The numbers of those that go.
    package private(set) var removed: [Int] = []
    /// Those that come, in the order in which they were posted.
    package private(set) var added: [AddedRow] = []

    /// Puts rows together.
    ///
    /// - Parameters:
    ///   - stored: the rows of the data set, in their order.
    ///   - posted: the rows of the job, in their order; with `extend` each text once.
    ///   - mode: what they mean for the others.
    ///   - postedAt: the job's place among the changes of data sets.
    /// - Complexity: O(rows).
    package init(
        _ stored: [StoredRow],
        with posted: [PostedRow],
        _ mode: DataSetMode,
        postedAt: Int
    ) {
        switch mode {
        case .extend: extend(stored, with: posted)
        case .replace: replace(stored, with: posted, postedAt: postedAt)
        }
    }

    /// All rows afterwards.
    package var rows: [Example] { kept.map(\.example) + added.map(\.row.example) }

    /// Whether anything differs from before.
    package var isChange: Bool { !(removed.isEmpty && added.isEmpty) }

    /// What is done, in figures.
    package var change: DataSetChange {
        var change = DataSetChange()
        change.relabelled = added.count(where: \.isRelabelled)
        change.added = added.count - change.relabelled
        // A label that gives way to another one is no row that is lost.
        change.removed = change.relabelled > 0 ? 0 : removed.count
        return change
    }

    private mutating func extend(_ stored: [StoredRow], with posted: [PostedRow]) {
        let labels = Dictionary(
            posted.map { ($0.example.text, $0.example.label) },
            uniquingKeysWith: { $1 }
        )
        var known: Set<String> = []
        var relabelled: Set<String> = []
        for row in stored {
            let label = labels[row.example.text]
            if label == nil || label == row.example.label {
                kept.append(row)
                if label != nil { known.insert(row.example.text) }
            } else {
                removed.append(row.id)
                relabelled.insert(row.example.text)
            }
        }
        for row in posted where !known.contains(row.example.text) {
            let isRelabelled = relabelled.contains(row.example.text)
            added.append(AddedRow(row: row, isRelabelled: isRelabelled))
        }
    }

    /// A row that is there already stays the row that it is, as often as it was posted.
    private mutating func replace(
        _ stored: [StoredRow],
        with posted: [PostedRow],
        postedAt: Int
    ) {
        var missing = Dictionary(posted.map { (RowKey($0.example), 1) }, uniquingKeysWith: +)
        for row in stored {
            let key = RowKey(row.example)
            if let count = missing[key], count > 0 {
                missing[key] = count - 1
                kept.append(row)
            } else if row.arrived > postedAt {
                kept.append(row)
            } else {
                removed.append(row.id)
            }
        }
        for row in posted {
            let key = RowKey(row.example)
            guard let count = missing[key], count > 0 else { continue }
            missing[key] = count - 1
            added.append(AddedRow(row: row, isRelabelled: false))
        }
    }
}

/// What makes two rows the same: label and text, however the text came to be that.
package struct RowKey: Hashable {
    package let label: String
    package let text: String

    package init(_ example: Example) {
        label = example.label
        text = example.text
    }
}
