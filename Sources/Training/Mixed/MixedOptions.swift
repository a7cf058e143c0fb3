internal import Model

/// Which network a mixed run trains, and how.
struct MixedOptions {
    /// The cell of the recurrent path; nil for the perceptrons.
    var cell: CellKind?
    var hasRecurrentPath: Bool
    var hasLinearPath: Bool
    /// Width of inputs and states.
    var hiddenSize: Int
    /// Units of a tanh layer before the output: the multilayer perceptron's hidden layer.
    var outputHiddenSize: Int
    var pooling: [Pooling]
    /// Epochs at most.
    var epochs: Int
    /// Whether the user gave their number.
    var givesEpochs: Bool
    /// The rate at the start; the linear path's is twice as high.
    var learningRate: Double
    /// Whether the user gave it.
    var givesLearningRate: Bool
    var seed: UInt64
    var threads: Int
    /// Whether a stopped run gives its best weights so far.
    var keepsBest: Bool
    /// Whether the held-out figures of very few rows are measured more than once.
    var repeatsMeasuring: Bool

    /// Whether support vector machines are averaged in where rows are few.
    var addsMachines: Bool
    /// The end of both paths, and of their mix.
    var head = Head.softmax
    /// Whether the recurrent path first learns to predict words.
    var languageModel: TrainingOptions.LanguageModelUse
    /// How thresholds are chosen where texts may have several labels.
    var objective: TrainingOptions.Objective

    /// Whether texts may have several labels.
    var isMulti: Bool {
        if case .sigmoid = head { true } else { false }
    }

    /// Whether a path is trained.
    func has(_ path: NetworkPath) -> Bool {
        switch path {
        case .recurrent: hasRecurrentPath
        case .linear: hasLinearPath
        }
    }

    /// What a recipe means.
    ///
    /// - Precondition: the recipe is not the article's.
    init(_ options: TrainingOptions, keepsBest: Bool, repeatsMeasuring: Bool) {
        (cell, hasRecurrentPath, hasLinearPath) =
            switch options.recipe {
            case .auto: (.gru, true, true)
            case .linear: (nil, false, true)
            case .mlp: (nil, true, false)
            case .article: preconditionFailure("The article's network is not a mixed one")
            default: (options.recipe.cell, true, false)
            }
        hiddenSize = options.hidden
        outputHiddenSize = options.recipe == .mlp ? options.hidden : 0
        pooling = cell == nil ? [.inputs] : [.attention, .max, .inputs]
        objective = options.objective ?? .micro
        languageModel = cell == nil ? .off : options.languageModel ?? .auto
        epochs = options.epochs
        givesEpochs = options.given.contains(.epochs)
        learningRate = options.learningRate
        givesLearningRate = options.given.contains(.learningRate)
        seed = UInt64(options.seed)
        threads = options.threads
        addsMachines = options.recipe == .auto
        self.keepsBest = keepsBest
        self.repeatsMeasuring = repeatsMeasuring
    }

    /// The recurrent path's sizes with a dictionary.
    func shape(_ lookup: FeatureLookup, classCount: Int) -> RecurrentShape {
        RecurrentShape(
            cell: cell,
            directions: 2,
            inputSize: hiddenSize,
            hiddenSize: hiddenSize,
            pooling: pooling,
            outputHiddenSize: outputHiddenSize,
            classCount: classCount,
            wordCount: lookup.embeddedCount,
            subwordCount: lookup.lists.subwords.count,
            vectorSize: lookup.vectors?.dimensions ?? 0
        )
    }

    /// How often rows that are few are cut into parts for cross-validation.
    func cuts(rows: Int) -> Int {
        repeatsMeasuring && rows < MixedTrainer.rowsToRepeat ? 2 : 1
    }

    /// The rate of a run that goes on from other weights: what was given, exactly, else a lower
    /// one.
    var warmLearningRate: Double {
        givesLearningRate ? learningRate : learningRate * WarmStart.rateFactor
    }

    /// The number of epochs where rows are few: what was given, exactly.
    ///
    /// Measured where none was: about as many updates whatever the number of rows, from 4 to 40
    /// epochs.
    func epochs(fewRows rows: Int, classes: Int) -> Int {
        if givesEpochs { return epochs }
        let updates = classes > 20 ? 6000.0 : 2500.0
        return Int(min(max((updates * 4 / Double(rows)).rounded(), 4), 40))
    }
}
