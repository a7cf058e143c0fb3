internal import Judgement
internal import Model
internal import Optimization

/// The recurrent path as a language model: it predicts the next word forwards and the previous word
/// backwards, and labels are not used (Dai and Le 2015).
extension MixedTrainer {
    /// Why nothing came of it, where the loss was no number.
    static let noWords = "it did not learn to predict words"

    /// Learns to predict the words of some texts.
    ///
    /// - Parameters:
    ///   - plan: the texts, and how they are read.
    ///   - lookup: the dictionary; its forms come from its words.
    ///   - task: the number among the tasks.
    ///   - team: the threads.
    /// - Returns: What a recurrent path then begins with; nil where the loss was no number.
    /// - Throws: `RunMonitor.Stopped`.
    func learnWords(
        _ plan: LanguageModelPlan,
        lookup: FeatureLookup,
        task: Int,
        team: WorkerTeam
    ) throws -> LanguageModelStart? {
        defer { monitor.ended(task) }
        let model = LanguageModelTrainer(
            shape: options.shape(lookup, classCount: classCount),
            texts: EncodedTexts(texts, rows: plan.rows, lookup: lookup),
            plan: plan,
            seed: options.seed,
            team: team,
            vectors: lookup.vectors
        )
        for epoch in 1...plan.epochs {
            let loss = try model.trainEpoch(epoch) { try monitor.check(task, share: $0) }
            guard loss.isFinite else { return nil }
            monitor.finished(task)
        }
        return model.start(lookup)
    }

    /// The network that answers better what it has not learnt, with what is to be told of the
    /// start.
    ///
    /// - Parameters:
    ///   - without: the network whose recurrent path began anew.
    ///   - with: the other; nil where there is none.
    ///   - run: the other's recurrent path, or why there is none.
    ///   - texts: how many texts the language model read.
    /// - Returns: The network.
    func preferred(
        _ without: MixedWeights,
        _ with: MixedWeights?,
        _ run: PathRun,
        texts: Int
    ) -> MixedWeights {
        guard let with, let preference = Preference(without, with) else {
            let reason = run.doubt ?? "there are no answers to compare"
            return without.withoutLanguageModel(reason)
        }
        var chosen = preference.chosen
        if preference.isSecond { chosen.start = run.start }
        chosen.languageModel = LanguageModelOutcome(
            texts: texts,
            isUsed: preference.isSecond,
            without: preference.first,
            with: preference.second,
            isCrossValidated: without.evidence?.kind == .crossValidation
        )
        return chosen
    }
}

extension MixedWeights {
    /// These weights, with the reason why no language model was tried on all rows.
    func withoutLanguageModel(_ reason: String) -> MixedWeights {
        var weights = self
        weights.languageModel = LanguageModelOutcome(texts: 0, isUsed: false, reason: reason)
        return weights
    }
}
