public import Examples

/// What a change did to a data set.
public struct DataSetChange: Sendable, Equatable {
    /// Rows that were not there before.
    public var added = 0
    /// Rows whose text was there with another label.
    public var relabelled = 0
    /// Rows that were there already.
    public var known = 0
    /// Rows that are no longer there.
    public var removed = 0
    /// Known rows that were stored anew, so that they are newer than the rows of a waiting job.
    package var renewed = 0

    /// Whether the data set is another one than before.
    package var isChange: Bool { added + relabelled + removed + renewed > 0 }

    package init(
        added: Int = 0,
        relabelled: Int = 0,
        known: Int = 0,
        removed: Int = 0,
        renewed: Int = 0
    ) {
        self.added = added
        self.relabelled = relabelled
        self.known = known
        self.removed = removed
        self.renewed = renewed
    }
}

/// What is to be changed in a data set.
public struct ExampleChange: Sendable {
    /// The model whose data set it is.
    public var model: String
    /// Rows to add; one whose text is there with another label replaces that.
    public var added: [Example]
    /// Where the added rows come from.
    public var source: ExampleSource
    /// The numbers of rows to remove.
    public var removedIDs: [Int]
    /// Texts to remove, whatever their labels.
    public var removedTexts: [String]
    /// Who changes it.
    public var actor: String?

    /// Makes a change.
    public init(
        model: String,
        added: [Example] = [],
        source: ExampleSource = .imported,
        removedIDs: [Int] = [],
        removedTexts: [String] = [],
        actor: String? = nil
    ) {
        self.model = model
        self.added = added
        self.source = source
        self.removedIDs = removedIDs
        self.removedTexts = removedTexts
        self.actor = actor
    }
}

/// What became of a change of a data set.
public struct ChangedExamples: Sendable, Equatable {
    /// What the change did.
    public let change: DataSetChange
    /// The revision that the data set has now.
    public let revision: Int
    /// How many rows it has now.
    public let rowCount: Int
    /// Whether a correction has a label that no row had.
    public let beginsLabel: Bool
    /// Whether the same request had come before, so that nothing was done now.
    public let isReplay: Bool

    package init(
        change: DataSetChange,
        revision: Int,
        rowCount: Int,
        beginsLabel: Bool,
        isReplay: Bool
    ) {
        self.change = change
        self.revision = revision
        self.rowCount = rowCount
        self.beginsLabel = beginsLabel
        self.isReplay = isReplay
    }
}

/// A revision whose rows can be brought back.
public struct KeptRevision: Sendable, Equatable {
    /// Its number.
    public let id: Int
    /// Whether it is the newest.
    public let isCurrent: Bool
    /// How many rows it has.
    public let rowCount: Int
    /// The versions that were trained on it.
    public let versions: [Int]
    /// Who began it; nil where nobody is known.
    public let actor: String?
    /// When it began, in milliseconds since 1970.
    public let createdAt: Int

    package init(
        id: Int,
        isCurrent: Bool,
        rowCount: Int,
        versions: [Int],
        actor: String?,
        createdAt: Int
    ) {
        self.id = id
        self.isCurrent = isCurrent
        self.rowCount = rowCount
        self.versions = versions
        self.actor = actor
        self.createdAt = createdAt
    }
}

/// Rows that can be brought back.
public enum RestorableRows: Sendable, Equatable {
    /// Those that a version was trained on.
    case version(Int)
    /// Those of a revision.
    case revision(Int)
}

/// What became of a restoration.
public struct RestoredExamples: Sendable, Equatable {
    /// What it did.
    public let change: DataSetChange
    /// The revision that the data set has now.
    public let revision: Int
    /// How many rows it has now.
    public let rowCount: Int
    /// The revision that the data set had before, whose rows are kept.
    public let replaced: Int

    package init(change: DataSetChange, revision: Int, rowCount: Int, replaced: Int) {
        self.change = change
        self.revision = revision
        self.rowCount = rowCount
        self.replaced = replaced
    }
}
