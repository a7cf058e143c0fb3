internal import Judgement
internal import Model
internal import Optimization

/// Texts without labels: the linear path labels them, and learns anew from those that it is surest
/// of, beside the rows (Yarowsky 1995). Every fold does so by itself, and what comes of it is used
/// only where the cross-validated loss falls.
extension MixedTrainer {
    /// What is to be trained, for the forecast.
    func selfTraining(_ splits: [RowSplit]) -> [RunForecast.Task] {
        splits.map { split in
            let count = split.training.count + unlabelled.count / 2
            return .init(.linear, texts: count, epochs: selfTrainingSchedule(count).epochs)
        }
    }

    private func selfTrainingSchedule(_ count: Int) -> Schedule {
        Schedule(
            batchSize: count < 2000 ? 8 : 16,
            epochs: options.epochs(fewRows: count, classes: classCount),
            learningRate: options.learningRate
        )
    }

    /// The texts that a trained linear path is surest of.
    func pseudoLabels(_ trainer: any PathTrainer, _ fold: Fold) -> PseudoLabels {
        let encoded = EncodedTexts(
            texts,
            rows: unlabelled,
            lookup: fold.lookup,
            vectorWeight: vectorWeight
        )
        return PseudoLabels(trainer.logits(encoded), rows: unlabelled, classCount: classCount)
    }

    /// The weights that the cross-validated loss prefers: those at hand, or others whose linear
    /// path has learnt texts without labels too; their tasks are numbered from `first` on.
    func selfTrained(
        _ paths: CrossValidatedPaths,
        _ weights: MixedWeights,
        rows: [Int],
        cuts: [[RowSplit]],
        first: Int,
        team: WorkerTeam
    ) throws -> MixedWeights {
        let splits = [RowSplit(training: rows, heldOut: [])] + cuts.joined()
        let folds = team.map(count: splits.count) { index in
            Fold(
                self,
                training: splits[index].training,
                heldOut: splits[index].heldOut,
                pseudo: paths.linear[index].pseudo,
                reads: weights.start == nil ? [] : unlabelled
            )
        }
        var kept = weights
        do { try checkSize(folds[0]) } catch {
            kept.unlabelled = UnlabelledOutcome(
                texts: unlabelled.count,
                learnt: 0,
                reason: "their features would need more weights than a checkpoint may have"
            )
            return kept
        }
        let linear = try team.map(count: folds.count) { index in
            let schedule = selfTrainingSchedule(folds[index].linearTexts.count)
            let trainer = folds[index].trainer(.linear, schedule: schedule, team: team)
            guard let trainer else { return PathRun() }
            return try fixed(
                trainer,
                first + index,
                data: folds[index],
                epochs: schedule.epochs
            )
        }
        // Stopped here, the run has its weights without these texts.
        guard linear.allSatisfy(\.isComplete) else { return kept }
        let other = try answered(
            CrossValidatedPaths(
                folds: folds,
                recurrent: paths.recurrent,
                linear: linear,
                machines: try machines(folds, team)
            ),
            rows: rows,
            cuts: cuts
        )
        return preferred(weights, other, learnt: paths.linear[0].pseudo.rows.count)
    }

    /// The one with the lower loss, and what is to be told of it.
    private func preferred(
        _ without: MixedWeights,
        _ with: MixedWeights,
        learnt: Int
    ) -> MixedWeights {
        guard let preference = Preference(without, with) else { return without }
        var chosen = preference.chosen
        (chosen.start, chosen.languageModel) = (without.start, without.languageModel)
        chosen.unlabelled = UnlabelledOutcome(
            texts: unlabelled.count,
            learnt: preference.isSecond ? learnt : 0,
            without: preference.first,
            with: preference.second
        )
        return chosen
    }
}
