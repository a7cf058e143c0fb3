internal import Examples
internal import Store

/// What becomes of rows that are added one after the other, computed before anything is stored.
struct RowAddition {
    /// A row with a text: one that is stored, or one that this adds.
    private enum Present {
        case stored(id: Int, label: String)
        case new(place: Int, label: String)

        var label: String {
            switch self {
            case .stored(_, let label), .new(_, let label): label
            }
        }
    }

    private let revision: Int
    private let renews: Bool
    private var present: [String: [Present]] = [:]
    private var additions: [NewRow?] = []
    /// The numbers of stored rows that go.
    private(set) var removed: [Int] = []
    /// What is done, in figures.
    private(set) var change = DataSetChange()

    /// The rows that come, in their order.
    var rows: [NewRow] { additions.compactMap(\.self) }

    /// - Parameters:
    ///   - revision: to which the rows are added.
    ///   - stored: the rows that have one of their texts.
    ///   - renews: whether a known row is stored anew, so that it is newer than the rows of a
    ///     waiting job.
    init(
        in revision: Int,
        to stored: [(id: Int, label: String, text: String)],
        renews: Bool
    ) {
        self.revision = revision
        self.renews = renews
        for row in stored {
            present[row.text, default: []].append(.stored(id: row.id, label: row.label))
        }
    }

    /// Adds a row; one whose text is there with another label replaces that.
    mutating func add(_ example: Example) {
        let known = present[example.text] ?? []
        let others = known.filter { $0.label != example.label }
        let isKnown = others.count < known.count
        if others.isEmpty && isKnown {
            change.known += 1
            guard renews else { return }
            change.renewed += 1
        } else if others.isEmpty {
            change.added += 1
        } else {
            change.relabelled += 1
        }
        for row in renews ? known : others { remove(row) }
        var stays = renews ? [] : known.filter { $0.label == example.label }
        if renews || !isKnown {
            stays.append(.new(place: additions.count, label: example.label))
            additions.append(
                NewRow(example: example, isRelabelled: !others.isEmpty, arrived: revision)
            )
        }
        present[example.text] = stays
    }

    /// A row that came in the same revision was never there.
    private mutating func remove(_ row: Present) {
        switch row {
        case .stored(let id, _): removed.append(id)
        case .new(let place, _): additions[place] = nil
        }
    }
}
