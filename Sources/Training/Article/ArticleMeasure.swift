internal import Examples
internal import Judgement
internal import Model
internal import Optimization

/// Measures the article's recipe with networks that are not kept: cross-validation where rows are
/// few, else one that has not learnt a tenth.
struct ArticleMeasure {
    private let plan: TrainingPlan
    private let data: TrainingData
    private let options: TrainingOptions
    /// The times that the rows are cut, each with the splits that belong to it.
    private let cuts: [EvidenceRows]

    init(plan: TrainingPlan, data: TrainingData, options: TrainingOptions) {
        self.plan = plan
        self.data = data
        self.options = options
        let (texts, labels) = (data.texts, data.labelOfRow)
        let rows = Array(plan.rows.training)
        func evidence(_ kind: Evidence.Kind, _ splits: [RowSplit]) -> EvidenceRows {
            EvidenceRows(kind: kind, splits: splits, labels: labels, classCount: data.labels.count)
        }
        switch EvidencePlan(texts: texts, labels: labels, rows: rows, model: plan.model) {
        case .heldOut(let split): cuts = [evidence(.heldOut, [split])]
        case .crossValidation(let first):
            let again =
                rows.count < MixedTrainer.rowsToRepeat
                ? [
                    Partition(
                        texts: texts,
                        labels: labels,
                        rows: rows,
                        salt: EvidencePlan.salt(model: plan.model, cut: 1)
                    ).folds(EvidencePlan.folds)
                ] : []
            cuts = ([first] + again).filter { !$0.isEmpty }.map { evidence(.crossValidation, $0) }
        }
    }

    /// How many networks are trained.
    var runCount: Int { cuts.reduce(0) { $0 + $1.splits.count } }

    /// Trains them and lets each answer its rows; nil if no row can be kept apart.
    ///
    /// - Parameters:
    ///   - runs: the series to which they belong.
    ///   - first: the number of the first of them in the series.
    /// - Returns: What they say of the rows that they had not learnt.
    /// - Throws: `TrainingError.stopped`.
    func answers(_ runs: RunSeries, first: Int) throws(TrainingError) -> Evidence? {
        var run = first
        var all: [Evidence] = []
        for cut in cuts {
            var probabilities: [Float] = []
            for split in cut.splits {
                // The last word on a run that ended is heard here.
                if runs.isStopped { throw .stopped(epoch: options.epochs) }
                probabilities += try answers(to: split, runs.observer(run))
                run += 1
            }
            all.append(Evidence(cut, probabilities: probabilities))
        }
        guard var evidence = all.first else { return nil }
        if all.count > 1 { evidence.repeatedAccuracies = all.map(\.accuracy) }
        return evidence
    }

    /// What a network of a split's training rows says of its held-out rows, (rows × classes).
    ///
    /// One that diverges, or has nothing to learn, says of each the shares of the labels: a bad
    /// answer, but one that counts.
    private func answers(
        to split: RowSplit,
        _ observer: @escaping TrainingObserver
    ) throws(TrainingError) -> [Float] {
        guard let classifier = try classifier(of: split, observer) else {
            var shares = data.labels.map { _ in Float(0) }
            for row in split.training {
                shares[data.training.labels[row]] += 1 / Float(split.training.count)
            }
            return split.heldOut.flatMap { _ in shares }
        }
        let scratch = classifier.makeScratch()
        let places = Dictionary(
            uniqueKeysWithValues: zip(classifier.labels, classifier.labels.indices)
        )
        return split.heldOut.flatMap { row in
            _ = classifier.classify(data.texts, row: row, scratch: scratch)
            // In the order of all labels; one that the network does not know has 0.
            return data.labels.map { places[$0].map { scratch.probabilities[$0] } ?? 0 }
        }
    }

    /// A network of a split's training rows; nil if nothing can be learnt from them.
    private func classifier(
        of split: RowSplit,
        _ observer: @escaping TrainingObserver
    ) throws(TrainingError) -> TextClassifier? {
        var part = plan
        part.rows = plan.rows.learning(split.training)
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
}
