internal import Judgement
internal import Model

extension MixedTrainer {
    /// Mixes both paths; one that was not trained, or no epoch of which was of use, is left out.
    ///
    /// - Parameters:
    ///   - data: the rows that were learnt.
    ///   - paths: what became of both paths.
    ///   - fittedRows: the numbers of the rows that were learnt.
    ///   - rows: the rows that choose the mix, and are answered.
    ///   - folds: what answers them, in their order.
    ///   - machines: what is averaged in, and which of its folds these are.
    ///   - logits: what both paths say of these rows, each (rows × classes), at the epochs that
    ///     all parts but one have chosen, or all parts, for nil.
    /// - Returns: The weights of both paths, and the answers to the rows.
    /// - Throws: `TrainingError.diverged`, or `RunMonitor.Stopped` where nothing can be kept.
    func mixed(
        _ data: Fold,
        _ paths: [PathRun],
        fittedRows: [Int],
        evidence rows: EvidenceRows,
        answering folds: [Fold],
        machines: (all: FewRowMachines, folds: Range<Int>)? = nil,
        logits: (_ withoutPart: Int?) -> [[Float]]
    ) throws -> MixedWeights {
        let isComplete = paths.allSatisfy(\.isComplete)
        func fit(_ part: Int?) -> CommitteeFit {
            let logits = zip(paths, logits(part)).map { path, logits in
                path.parameters.isEmpty || logits.count != rows.labels.count * classCount
                    ? nil : logits
            }
            return CommitteeFit(
                paths: MixFit(
                    recurrent: logits[.recurrent],
                    linear: logits[.linear],
                    labels: rows.labels,
                    classCount: classCount,
                    head: options.head
                ),
                margins: machines.map { $0.all.margins(of: $0.folds, hasBias: false) } ?? [],
                biasedMargins: machines.map { $0.all.margins(of: $0.folds, hasBias: true) } ?? []
            )
        }
        let diverged = TrainingError.diverged(
            epoch: max(paths[.recurrent].choice.epoch, paths[.linear].choice.epoch, 1),
            detail: "the loss on held-out rows is no longer a number"
        )
        let isTrained = paths.contains { !$0.parameters.isEmpty }
        let (whole, all) = (fit(nil), Array(rows.labels.indices))
        guard isTrained, let committee = whole.best(rows: all) else {
            if !isComplete { throw RunMonitor.Stopped() }
            throw diverged
        }
        var weights = MixedWeights(
            lookup: data.lookup,
            shape: data.shape,
            recurrent: paths[.recurrent].parameters,
            linear: paths[.linear].parameters,
            mix: committee.mix,
            offsets: data.offsets,
            thresholds: thresholds(whole, committee, rows: all),
            recurrentEpochs: paths[.recurrent].choice.epoch,
            linearEpochs: paths[.linear].choice.epoch,
            fittedRows: fittedRows,
            evidence: isComplete
                ? try crossFitted(rows, folds, fit, from: committee, orThrow: diverged) : nil,
            curves: zip(NetworkPath.allCases.map(\.name), paths).filter { !$1.curve.isEmpty }
                .map { LossCurve(path: $0, points: $1.curve) },
            isComplete: isComplete
        )
        if let machines { weights.fold(machines.all, committee) }
        return weights
    }

    /// The answers to each part with the mix that the other parts choose; nil where there is one
    /// part only, for which nothing else could choose.
    private func crossFitted(
        _ rows: EvidenceRows,
        _ folds: [Fold],
        _ fit: (_ withoutPart: Int?) -> CommitteeFit,
        from whole: Committee,
        orThrow diverged: TrainingError
    ) throws -> Evidence? {
        let parts = rows.crossFitting
        guard parts.count > 1 else { return nil }
        var given = [[Int]](repeating: [], count: options.isMulti ? rows.labels.count : 0)
        let probabilities = try parts.answers(classCount: classCount) { part, voters, members in
            let fit = fit(part)
            guard let committee = fit.best(rows: voters, from: whole) else { throw diverged }
            let priors = folds.flatMap { $0.priors(committee.folded) }
            let answers = members.map { priors[$0] ?? fit.probabilities(committee, rows: [$0]) }
            let thresholds = thresholds(fit, committee, rows: voters)
            if options.isMulti {
                for (member, answer) in zip(members, answers) {
                    given[member] = thresholds.indices.filter { answer[$0] >= thresholds[$0] }
                }
            }
            return answers.flatMap(\.self)
        }
        return Evidence(rows, probabilities: probabilities, answers: options.isMulti ? given : nil)
    }

    /// The thresholds that some rows choose under a mix; none where texts have one label.
    private func thresholds(
        _ fit: CommitteeFit,
        _ committee: Committee,
        rows: [Int]
    ) -> [Float] {
        guard case .sigmoid(let sets) = options.head else { return [] }
        return ThresholdChoice(
            probabilities: fit.probabilities(committee, rows: rows),
            sets: rows.map { sets[fit.paths.labels[$0]] },
            classCount: classCount
        ).thresholds(options.objective)
    }
}
