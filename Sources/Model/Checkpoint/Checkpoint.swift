/// A trained model as a value: everything that a checkpoint file holds.
///
/// The file is one JSON document; docs/format.md describes every member. A value that came from
/// `init(parsing:source:)` has passed every check and can serve.
public struct Checkpoint: Sendable, Equatable {
    /// What the first member of every file says.
    public static let format = "elman-checkpoint"
    /// The newest version of the format that this code reads and writes; a file without new parts
    /// is written as the version before them.
    public static let formatVersion = 2
    /// Weights beyond this are refused: no training gives them, and sums of them stay finite.
    public static let maximumWeight: Float = 1e4

    /// The name of the model.
    public var model: String
    /// Which network it is.
    public var architecture: Architecture
    /// The labels, in the order of the network's outputs.
    public var labels: [String]
    /// The words, in the order of the rows of W1.
    public var vocabulary: Vocabulary
    /// How text becomes tokens.
    public var tokenizer: Tokenizer
    /// Sub-words and n-grams; of the mixed network alone.
    public var features: FeatureLists?
    /// Word vectors that were learnt elsewhere; nil without them.
    public var vectors: WordVectors?
    /// How logits become probabilities.
    public var calibration: Calibration
    /// How the weights came to be.
    public var training: TrainingRecord
    /// The weights, by the names of `Architecture.tensorShapes`.
    public var tensors: [String: Tensor]

    /// Creates a checkpoint from its parts; `encoded` writes it and reading checks it.
    public init(
        model: String,
        architecture: Architecture,
        labels: [String],
        vocabulary: Vocabulary,
        tokenizer: Tokenizer = Tokenizer(),
        features: FeatureLists? = nil,
        vectors: WordVectors? = nil,
        calibration: Calibration = .none,
        training: TrainingRecord,
        tensors: [String: Tensor]
    ) {
        self.model = model
        self.architecture = architecture
        self.labels = labels
        self.vocabulary = vocabulary
        self.tokenizer = tokenizer
        self.features = features
        self.vectors = vectors
        self.calibration = calibration
        self.training = training
        self.tensors = tensors
    }
}
