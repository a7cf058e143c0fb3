/// What one recipe or baseline scored, and what it costs.
public struct RecipeScore: Sendable {
    /// The recipe or baseline.
    public var name: String
    /// The scores on the rows that are compared; nil if training gave no model.
    public var evaluation: Evaluation?
    /// The time to train, the scoring that belongs to it included.
    public var training: Duration
    /// The number of weights.
    public var parameters: Int?
    /// The mean time to classify a row, read from text; nil for a baseline, which nothing
    /// serves.
    public var timePerText: Duration?
    /// What the recipe chose and why, or why it gave no model.
    public var remark: String?

    /// Describes what was scored.
    public init(
        name: String,
        evaluation: Evaluation?,
        training: Duration,
        parameters: Int?,
        timePerText: Duration?,
        remark: String?
    ) {
        self.name = name
        self.evaluation = evaluation
        self.training = training
        self.parameters = parameters
        self.timePerText = timePerText
        self.remark = remark
    }
}
