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
    /// path has learnt texts without labels too.
    func selfTrained(
        _ paths: CrossValidatedPaths,
        _ weights: MixedWeights,
        rows: [Int],
        cuts: [[RowSplit]],
        team: WorkerTeam
    ) throws -> MixedWeights {
        let splits = [RowSplit(training: rows, heldOut: [])] + cuts.joined()
        let folds = team.map(count: splits.count) { index in
            Fold(
                self,
                training: splits[index].training,
                heldOut: splits[index].heldOut,
                pseudo: paths.linear[index].pseudo
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
        // Their numbers come behind those of both paths.
        let first = 2 * splits.count
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

    /// The one with the lower loss; each part of the rows is answered by what the others prefer.
    private func preferred(
        _ without: MixedWeights,
        _ with: MixedWeights,
        learnt: Int
    ) -> MixedWeights {
        guard let old = without.evidence, let new = with.evidence else { return without }
        func figures(_ evidence: Evidence) -> UnlabelledOutcome.Figures {
            .init(
                accuracy: evidence.accuracy,
                loss: evidence.loss(of: Array(evidence.rows.indices))
            )
        }
        let isUsed = figures(new).loss < figures(old).loss
        var chosen = isUsed ? with : without
        let probabilities = old.source.crossFitting.answers(classCount: classCount) {
            _,
            voters,
            members in
            (new.loss(of: voters) < old.loss(of: voters) ? new : old).probabilities(of: members)
        }
        var evidence = Evidence(old.source, probabilities: probabilities)
        evidence.repeatedAccuracies = chosen.evidence?.repeatedAccuracies ?? []
        if !evidence.repeatedAccuracies.isEmpty {
            evidence.repeatedAccuracies[0] = evidence.accuracy
        }
        chosen.evidence = evidence
        chosen.unlabelled = UnlabelledOutcome(
            texts: unlabelled.count,
            learnt: isUsed ? learnt : 0,
            without: figures(old),
            with: figures(new)
        )
        return chosen
    }
}
