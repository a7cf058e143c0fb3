public import Examples

/// Which annotation is meant: one of a project of an annotation tool that a model learns from.
public struct AnnotationID: Sendable, Hashable {
    /// The tool's number of the project; 0 where it tells none.
    public var project: Int
    /// The tool's number of the annotation.
    public var annotation: Int

    /// Names an annotation.
    public init(project: Int, annotation: Int) {
        self.project = project
        self.annotation = annotation
    }
}

/// What somebody says of a text in an annotation tool.
public struct Annotation: Sendable, Equatable {
    /// Which one it is; it stays the same when its label changes.
    public var id: AnnotationID
    /// The tool's number of the task whose text it is about; nil where it tells none.
    public var task: Int?
    /// The text with its label.
    public var example: Example

    /// Describes an annotation.
    public init(id: AnnotationID, task: Int?, example: Example) {
        self.id = id
        self.task = task
        self.example = example
    }
}

/// Annotations that came, changed or went.
public struct AnnotationChange: Sendable {
    /// The model whose data set follows them.
    public var model: String
    /// Those that there are from now on, in the order in which they were made.
    public var kept: [Annotation]
    /// Those that there are no longer.
    public var removed: [AnnotationID]
    /// Tasks that there are no longer, by project; their annotations went with them.
    public var removedTasks: [(project: Int, task: Int)]
    /// Who brings the change; nil where nobody is known.
    public var actor: String?

    /// Whether nothing came and nothing went.
    public var isEmpty: Bool { kept.isEmpty && removed.isEmpty && removedTasks.isEmpty }

    /// Makes a change.
    public init(
        model: String,
        kept: [Annotation] = [],
        removed: [AnnotationID] = [],
        removedTasks: [(project: Int, task: Int)] = [],
        actor: String? = nil
    ) {
        self.model = model
        self.kept = kept
        self.removed = removed
        self.removedTasks = removedTasks
        self.actor = actor
    }
}

/// What became of a change of annotations.
public struct FollowedAnnotations: Sendable, Equatable {
    /// What it did to the data set.
    public let change: DataSetChange
    /// The revision that the data set has now.
    public let revision: Int
    /// How many rows it has now.
    public let rowCount: Int
    /// How many of its rows annotations have brought or changed since a job was last posted.
    public let untrainedCount: Int
    /// The place of that job among the changes of data sets; 0 where there was none.
    public let lastJob: Int

    package init(
        change: DataSetChange,
        revision: Int,
        rowCount: Int,
        untrainedCount: Int,
        lastJob: Int
    ) {
        self.change = change
        self.revision = revision
        self.rowCount = rowCount
        self.untrainedCount = untrainedCount
        self.lastJob = lastJob
    }
}
