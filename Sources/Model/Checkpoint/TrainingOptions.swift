/// What a user may choose about a training run; the rest follows from the recipe.
public struct TrainingOptions: Sendable, Equatable {
    /// A named way to train.
    public enum Recipe: String, CaseIterable, Sendable {
        /// Chooses by rule and held-out rows: a mixed network, or the article's for tiny data.
        case auto
        /// The network and training of Gavin Hull's article: plain SGD, one text at a time.
        case article
        /// The perceptron: softmax regression on words, bigrams and character n-grams.
        case linear
        /// The multilayer perceptron: the mean of the inputs and one hidden layer.
        case mlp
        /// A recurrent network of Elman cells in two directions.
        case elman
        /// A recurrent network of gated recurrent units in two directions.
        case gru
        /// A recurrent network of long short-term memories in two directions.
        case lstm
    }

    /// Seeds that are accepted: whole numbers that every JSON reader keeps exact.
    public static let allowedSeeds = 0...9_007_199_254_740_991
    /// Epoch counts that are accepted.
    public static let allowedEpochs = 1...100_000
    /// Learning rates that are accepted.
    public static let allowedLearningRates = 1e-6...10.0
    /// Thread counts that are accepted.
    public static let allowedThreads = 1...64

    /// The recipe.
    public var recipe: Recipe
    /// Where the random numbers start: initial weights, order of the rows, split.
    public var seed: Int
    /// How often every row is seen: exactly in the article's recipe, at most in the others, which
    /// stop when held-out rows no longer gain, and run up to twice as many where rows are few.
    public var epochs: Int
    /// The length of the hidden state.
    public var hidden: Int
    /// The factor of each gradient step, at the start where it falls.
    public var learningRate: Double
    /// How many threads work; never changes the result, so it is not recorded in a checkpoint.
    public var threads: Int

    /// The defaults of a recipe.
    public init(recipe: Recipe = .auto) {
        self.recipe = recipe
        switch recipe {
        case .article: (epochs, hidden, learningRate) = (1000, 64, 0.02)
        case .auto, .linear, .mlp, .elman, .gru, .lstm:
            (epochs, hidden, learningRate) = (20, 48, 0.003)
        }
        seed = 1
        threads = 1
    }
}
