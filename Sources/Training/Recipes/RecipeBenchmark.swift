internal import Baselines
public import Evaluation
public import Examples
internal import Judgement
public import Model
public import Optimization

/// Trains several recipes on the same rows, scores them on the same other rows, beside two
/// baselines.
public struct RecipeBenchmark: Sendable {
    /// The rows; those that are scored stand last and are not learnt.
    private let rows: TrainingRows
    /// The numbers of the rows that are scored.
    private let heldOut: Range<Int>
    private let seed: Int
    private let threads: Int

    /// The number of rows to learn from.
    public var trainingRows: Int { rows.training.count }
    /// The number of rows that are scored.
    public var heldOutRows: Int { heldOut.count }

    /// Every recipe but the article's, `auto` last.
    public static let zoo =
        TrainingOptions.Recipe.allCases.filter { $0 != .article && $0 != .auto } + [.auto]

    /// The share of the rows that is held out when no rows to score are given.
    public static let heldOutShare = 0.2

    /// Decides which rows train and which are scored: the test rows, else the development rows,
    /// else a fifth of all rows, held out as `HoldOut` does.
    ///
    /// - Throws: `TrainingError.cannotHoldOut`.
    public init(
        examples: [Example],
        development: [Example],
        test: [Example],
        seed: Int,
        threads: Int
    ) throws(TrainingError) {
        self.seed = seed
        self.threads = threads
        guard test.isEmpty && development.isEmpty else {
            rows = TrainingRows(training: examples, development: development, test: test)
            heldOut = test.isEmpty ? rows.development : rows.test
            return
        }
        let split = try HoldOut(
            TokenizedRows(examples),
            fraction: RecipeBenchmark.heldOutShare,
            seed: seed
        )
        rows = split.testRows
        heldOut = rows.test
    }

    /// The recipes to compare unless others are asked for: all, the article's only on data of its
    /// kind, for which alone it is meant.
    public var recipes: [TrainingOptions.Recipe] {
        let vocabulary = WordList.vocabulary(of: rows.all.texts, rows: rows.training)
        let isTiny = TrainingData.isTiny(rows: rows.training.count, words: vocabulary.count)
        let hasSets = ExampleSet.hasSets(rows.all.examples[rows.training])
        return (isTiny && !hasSets ? [.article] : []) + RecipeBenchmark.zoo
    }

    /// Trains and scores one recipe; one that diverges has no scores.
    ///
    /// - Parameters:
    ///   - recipe: the recipe, with its defaults.
    ///   - observer: as in `TrainingPlan.run`.
    /// - Returns: The scores and the cost.
    /// - Throws: `TrainingError` if the rows cannot be learnt from, or the run is stopped.
    public func score(
        _ recipe: TrainingOptions.Recipe,
        observer: @escaping TrainingObserver = { _ in .proceed }
    ) throws(TrainingError) -> RecipeScore {
        var options = TrainingOptions(recipe: recipe)
        (options.seed, options.threads) = (seed, threads)
        let plan = TrainingPlan(model: recipe.rawValue, rows: rows, options: options)
        let start = ContinuousClock.now
        do {
            let data = try TrainingData(plan)
            let network = try plan.network(data, observer: observer)
            let elapsed = ContinuousClock.now - start
            let checkpoint = network.checkpoint(plan, data)
            let classifier = try checkpoint.classifier
            return RecipeScore(
                name: recipe.rawValue,
                evaluation: try Evaluation(
                    of: classifier,
                    on: rows.all,
                    numbers: Array(heldOut),
                    part: "scored"
                ),
                training: elapsed,
                parameters: checkpoint.tensors.values.reduce(0) { $0 + $1.count },
                timePerText: timePerText(classifier),
                remark: checkpoint.training.choice
            )
        } catch .diverged(let epoch, let detail) {
            return RecipeScore(
                name: recipe.rawValue,
                evaluation: nil,
                training: .now - start,
                parameters: nil,
                timePerText: nil,
                remark: TrainingError.diverged(epoch: epoch, detail: detail).description
            )
        }
    }

    /// What always answering the most frequent label scores, and a logistic regression on words.
    ///
    /// - Throws: `TrainingError.unknownLabel` for a scored row whose label no training row has.
    public func baselines() throws(TrainingError) -> [RecipeScore] {
        let plan = TrainingPlan(model: "baselines", rows: rows, options: TrainingOptions())
        let data = try TrainingData(plan)
        let scores = BaselineScore.all(
            data.texts,
            labels: data.labelOfRow,
            names: data.labels,
            rows: EvidenceRows(
                kind: .given,
                splits: [RowSplit(training: Array(rows.training), heldOut: Array(heldOut))],
                labels: data.labelOfRow,
                classCount: data.labels.count,
                head: data.head
            ),
            threads: plan.options.threads
        )
        return scores.map {
            RecipeScore(
                name: $0.name,
                evaluation: $0.evaluation,
                training: $0.elapsed,
                parameters: $0.parameterCount,
                timePerText: nil,
                remark: nil
            )
        }
    }

    /// The mean time over whole passes of the scored rows: one to warm up, then as many as a tenth
    /// of a second takes.
    private func timePerText(_ classifier: TextClassifier) -> Duration {
        let scratch = classifier.makeScratch()
        func pass() {
            for example in rows.all.examples[heldOut] {
                var text = example.text
                _ = text.withUTF8 { classifier.classify(utf8: $0, scratch: scratch) }
            }
        }
        pass()
        let start = ContinuousClock.now
        var passes = 0
        repeat {
            pass()
            passes += 1
        } while ContinuousClock.now - start < .milliseconds(100)
        return (ContinuousClock.now - start) / (passes * heldOut.count)
    }
}
