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
        /// A recurrent network of minimal cells in two directions.
        case minimalRNN = "minimal_rnn"

        /// The cell of a recipe that trains a recurrent network alone; both have one name.
        package var cell: CellKind? { CellKind(rawValue: rawValue) }
    }

    /// Which figure decides when a text gets one of several labels.
    public enum Objective: String, CaseIterable, Sendable {
        /// F1 over all labels together; one threshold for all.
        case micro
        /// The mean of the labels' F1; a threshold for each.
        case macro
    }

    /// Whether the recurrent path first learns to predict the words of all texts.
    public enum LanguageModelUse: String, CaseIterable, Sendable {
        /// Finds out on some of the rows whether it can pay.
        case auto
        /// Always tries it; it is kept only where the loss of rows that were not learnt falls.
        case on
        /// Never.
        case off
    }

    /// Seeds that are accepted: whole numbers that every JSON reader keeps exact.
    public static let allowedSeeds = 0...9_007_199_254_740_991
    /// Epoch counts that are accepted.
    public static let allowedEpochs = 1...100_000
    /// Learning rates that are accepted.
    public static let allowedLearningRates = 1e-6...10.0
    /// Thread counts that are accepted.
    public static let allowedThreads = 1...64
    /// More threads find nothing to do in most jobs: two paths, four shards in a batch.
    public static let usefulThreads = 8

    /// An option by the name that requests, commands and checkpoints use.
    public enum Name: String, CaseIterable, Sendable {
        case recipe, seed, epochs, hidden
        case learningRate = "learning_rate"
        case threads, objective, vectors
        case languageModel = "language_model"
    }

    /// What follows from the recipe unless it is given.
    private struct Schedule: Equatable {
        var epochs: Int
        var hidden: Int
        var learningRate: Double

        init(_ recipe: Recipe) {
            switch recipe {
            case .article: (epochs, hidden, learningRate) = (1000, 64, 0.02)
            default: (epochs, hidden, learningRate) = (20, 48, 0.003)
            }
        }
    }

    /// The options that were given; each of the others has a value by default.
    ///
    /// An option that is set counts as given, whatever the value.
    public private(set) var given: Set<Name>
    private var schedule: Schedule

    /// The recipe, which what was not given follows.
    public var recipe: Recipe {
        didSet {
            given.insert(.recipe)
            schedule = resolved(as: recipe).schedule
        }
    }
    /// Where the random numbers start: initial weights, order of the rows, split.
    public var seed: Int { didSet { given.insert(.seed) } }
    /// How many threads work; never changes the result, so it is not recorded in a checkpoint.
    public var threads: Int { didSet { given.insert(.threads) } }

    /// How it is decided which of several labels a text gets; nil where texts have one label, or
    /// for the default, micro.
    public var objective: Objective? { didSet { given.insert(.objective) } }

    /// Whether the recurrent path begins as a language model; nil for the default, auto.
    public var languageModel: LanguageModelUse? { didSet { given.insert(.languageModel) } }

    /// The name of word vectors that the service has, which a mixed network reads.
    public var vectors: String? { didSet { given.insert(.vectors) } }

    /// How often every row is seen.
    ///
    /// Exactly in the article's recipe and where rows are few; at most where held-out rows stop the
    /// training.
    public var epochs: Int {
        get { schedule.epochs }
        set {
            schedule.epochs = newValue
            given.insert(.epochs)
        }
    }
    /// The length of the hidden state.
    public var hidden: Int {
        get { schedule.hidden }
        set {
            schedule.hidden = newValue
            given.insert(.hidden)
        }
    }
    /// The factor of each gradient step, at the start where it falls.
    public var learningRate: Double {
        get { schedule.learningRate }
        set {
            schedule.learningRate = newValue
            given.insert(.learningRate)
        }
    }

    /// The defaults of a recipe, which counts as given if it is named.
    public init(recipe: Recipe? = nil) {
        self.recipe = recipe ?? .auto
        schedule = Schedule(self.recipe)
        given = recipe == nil ? [] : [.recipe]
        seed = 1
        threads = 1
    }

    /// These options where the network of `recipe` is trained, perhaps chosen by `auto`: what was
    /// given stays, the rest is that recipe's default.
    public func resolved(as recipe: Recipe) -> TrainingOptions {
        var resolved = self
        let defaults = Schedule(recipe)
        if !given.contains(.epochs) { resolved.schedule.epochs = defaults.epochs }
        if !given.contains(.hidden) { resolved.schedule.hidden = defaults.hidden }
        if !given.contains(.learningRate) { resolved.schedule.learningRate = defaults.learningRate }
        return resolved
    }

    /// These options where, if no number of epochs was given, `epochs` are run.
    public func planning(epochs: Int) -> TrainingOptions {
        var planned = self
        if !given.contains(.epochs) { planned.schedule.epochs = epochs }
        return planned
    }

    /// These options where, if no objective was given, this one decides.
    public func planning(objective: Objective) -> TrainingOptions {
        var planned = self
        let given = planned.given
        planned.objective = planned.objective ?? objective
        planned.given = given
        return planned
    }

    /// These options as a checkpoint records them: all but `threads`.
    public var recorded: TrainingOptions {
        var recorded = self
        recorded.threads = TrainingOptions().threads
        recorded.given.remove(.threads)
        return recorded
    }

    /// These options where only those named were given; nil stands for those that differ from the
    /// recipe's defaults, the best guess about a record that does not tell.
    func withGiven(_ names: Set<Name>?) -> TrainingOptions {
        var told = self
        let defaults = TrainingOptions().resolved(as: recipe)
        told.given =
            names
            ?? Set(
                [
                    (Name.recipe, recipe != defaults.recipe), (.seed, seed != defaults.seed),
                    (.epochs, epochs != defaults.epochs), (.hidden, hidden != defaults.hidden),
                    (.learningRate, learningRate != defaults.learningRate),
                ].filter(\.1).map(\.0)
            )
        return told
    }
}
