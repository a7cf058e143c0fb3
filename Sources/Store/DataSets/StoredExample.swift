public import Examples

/// Where a row of a data set came from.
public enum ExampleSource: String, Sendable, CaseIterable {
    /// A training job's request.
    case train
    /// A correction of an answer.
    case feedback
    /// A change of the data set.
    case imported = "import"
    /// An annotation in Label Studio.
    case labelStudio = "label-studio"
}

/// A row of a data set.
public struct StoredExample: Sendable, Equatable {
    /// Its number; numbers grow and are never used again.
    public let id: Int
    /// Text and label.
    public let example: Example
    /// Where it came from.
    public let source: ExampleSource
    /// Who brought it; nil where nobody is known.
    public let actor: String?
    /// When it came, in milliseconds since 1970.
    public let addedAt: Int

    package init(id: Int, example: Example, source: ExampleSource, actor: String?, addedAt: Int) {
        self.id = id
        self.example = example
        self.source = source
        self.actor = actor
        self.addedAt = addedAt
    }
}

/// A page of a data set.
public struct ExamplePage: Sendable, Equatable {
    /// The revision that the rows belong to.
    public let revision: Int
    /// How many rows it has in all.
    public let rowCount: Int
    /// The rows of this page, by number.
    public let rows: [StoredExample]

    package init(revision: Int, rowCount: Int, rows: [StoredExample]) {
        self.revision = revision
        self.rowCount = rowCount
        self.rows = rows
    }
}

/// Which rows of a data set are meant.
public struct RowFilter: Sendable, Equatable {
    /// The version that was trained on them; nil for the newest rows.
    public var version: Int?
    /// Only rows with this label; nil for all.
    public var label: String?
    /// Only rows that came from there; nil for all.
    public var source: ExampleSource?

    /// Makes a filter; without arguments it lets every row of now through.
    public init(version: Int? = nil, label: String? = nil, source: ExampleSource? = nil) {
        self.version = version
        self.label = label
        self.source = source
    }
}

/// The rows of one revision, to be read page by page.
public struct ExampleExport: Sendable, Equatable {
    /// The model whose rows they are.
    public let model: String
    /// Which of its rows.
    package let filter: RowFilter
    package let revision: Int
    /// How many rows the revision had at the start.
    package let rowCount: Int
    /// How many revisions up to this one there were at the start.
    package let revisionCount: Int
    /// Whether some row has a set of labels.
    public let hasSets: Bool

    package init(
        model: String,
        filter: RowFilter,
        revision: Int,
        rowCount: Int,
        revisionCount: Int,
        hasSets: Bool
    ) {
        self.hasSets = hasSets
        self.model = model
        self.filter = filter
        self.revision = revision
        self.rowCount = rowCount
        self.revisionCount = revisionCount
    }
}
