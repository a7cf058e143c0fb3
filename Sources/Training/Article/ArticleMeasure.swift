internal import Examples
internal import Model

/// Measures the article's recipe on rows held out: cross-validation where rows are few, else a fifth
/// of them.
struct ArticleMeasure {
    private let plan: TrainingPlan
    private let data: TrainingData
    private let options: TrainingOptions
    /// The times that the rows are cut, each with the splits that belong to it.
    private let cuts: [[RowSplit]]

    private static let folds = 5
    private static let heldOutShare = 0.2

    init(plan: TrainingPlan, data: TrainingData, options: TrainingOptions) {
        self.plan = plan
        self.data = data
        self.options = options
        let count = plan.examples.count
        if count >= MixedTrainer.rowsToRepeat {
            let holdOut = try? HoldOut(
                plan.examples,
                fraction: ArticleMeasure.heldOutShare,
                seed: options.seed,
                tokenizer: data.tokenizer
            )
            cuts = [
                holdOut.map { [RowSplit(training: $0.trainingRows, scored: $0.heldOutRows)] } ?? []
            ]
            return
        }
        let texts = TokenizedTexts(plan.examples.map(\.text), tokenizer: data.tokenizer)
        cuts = (0..<2).map { cut in
            CrossValidation(
                texts: texts,
                labels: data.training.labels,
                rows: Array(0..<count),
                folds: ArticleMeasure.folds,
                seed: UInt64(options.seed) &+ 99 &+ UInt64(cut) &* 1_000_003
            ).splits.filter { !$0.scored.isEmpty }.map {
                // The recipe learns in the order of the rows.
                RowSplit(training: $0.training.sorted(), scored: $0.scored)
            }
        }
    }

    /// How many networks are trained.
    var runCount: Int { cuts.reduce(0) { $0 + $1.count } }

    /// Trains them and lets each answer its rows; nil if no split can be learnt from.
    ///
    /// - Parameter runs: the series to which they belong, after its first run.
    /// - Returns: What they say of the rows that they had not learnt.
    /// - Throws: `TrainingError.stopped`.
    func answers(_ runs: RunSeries) throws(TrainingError) -> HeldOutAnswers? {
        var run = 0
        var all: [HeldOutAnswers] = []
        for splits in cuts {
            var answers = HeldOutAnswers(
                splits: [],
                labels: [],
                probabilities: [],
                classCount: data.labels.count
            )
            for split in splits {
                run += 1
                // The last word on a run that ended is heard here.
                if runs.isStopped { throw .stopped(epoch: options.epochs) }
                guard let classifier = try classifier(of: split, runs.observer(run)) else {
                    continue
                }
                answers.splits.append(split)
                for row in split.scored {
                    answers.labels.append(data.training.labels[row])
                    answers.probabilities += probabilities(classifier, plan.examples[row].text)
                }
            }
            if !answers.labels.isEmpty { all.append(answers) }
        }
        guard var first = all.first else { return nil }
        if all.count > 1 { first.repeatedAccuracies = all.map(\.accuracy) }
        return first
    }

    /// A network of a split's training rows; nil if nothing can be learnt from them.
    private func classifier(
        of split: RowSplit,
        _ observer: @escaping TrainingObserver
    ) throws(TrainingError) -> TextClassifier? {
        var part = plan
        part.examples = split.training.map { plan.examples[$0] }
        part.keepsBest = false
        do {
            let data = try TrainingData(part)
            let network = try part.trainArticle(data, options: options, observer: observer)
            return try network.checkpoint(part, data).classifier
        } catch .stopped(let epoch) {
            throw .stopped(epoch: epoch)
        } catch {
            return nil
        }
    }

    /// The probabilities in the order of all labels; one that the network does not know has 0.
    private func probabilities(_ classifier: TextClassifier, _ text: String) -> [Float] {
        let answer = classifier.classify(text).probabilities
        let places = Dictionary(
            uniqueKeysWithValues: zip(classifier.labels, classifier.labels.indices)
        )
        return data.labels.map { label in places[label].map { answer[$0] } ?? 0 }
    }
}
