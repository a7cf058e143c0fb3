internal import Evaluation
internal import Examples
internal import Judgement
internal import Model
internal import Store
internal import Training

/// Finds in the store what a job's model is judged by.
struct Judge {
    let store: any Store
    let job: Job

    /// When the model may become live.
    var rule: Verdict.Rule {
        if !job.mayPromote { return .notAllowed }
        return switch job.promotion {
        case .always: .always
        case .ifBetter: .ifBetter
        case .ifNotWorse: .ifNotWorse
        case .never: .never
        }
    }

    /// Decides about a model by what the store holds now.
    func verdict(
        on model: Candidate,
        _ ground: DecisionGround
    ) throws(StoreError) -> Verdict {
        model.judged(
            by: rule,
            as: ground.nextVersion,
            against: try known(ground.live),
            anchor: try known(ground.anchor),
            standing: Standing(ground.history),
            corrections: try store.corrections(of: job, since: ground.live),
            golden: ground.golden.cases
        )
    }

    /// A version with all that is known of it; nil if there is none.
    private func known(_ live: LiveVersion?) throws(StoreError) -> KnownVersion? {
        guard let live else { return nil }
        return KnownVersion(
            version: live.version,
            classifier: try classifier(live),
            answers: try store.heldOutAnswers(of: live.model, live.version)
                .map(AnsweredExample.init),
            examples: try store.examples(of: live.model, live.version)
        )
    }

    /// Lets training begin with the live version, or tells why it cannot.
    func warm(_ plan: inout TrainingPlan, with live: LiveVersion?) throws(StoreError) {
        guard let live else {
            plan.warmStart = .impossible(reason: "no version was live to begin with")
            return
        }
        guard let checkpoint = try checkpoint(live) else {
            plan.warmStart = .impossible(
                reason: "version \(live.version), which is live, cannot be read"
            )
            return
        }
        let rows = try store.examples(of: live.model, live.version)
        let examples = ExampleSet.parted(rows).labelled
        let answers = try store.heldOutAnswers(of: live.model, live.version)
        // The weights have not seen the rows that were answered, unless these were learnt in the
        // end or by turns: then both numbers are more than all rows.
        let learnt = checkpoint.training.train?.rows ?? examples.count
        let areApart = learnt + answers.count <= examples.count
        let unseen = areApart ? Set(answers.map(\.text)) : []
        plan.warmStart = .from(
            WarmStart(
                version: live.version,
                checkpoint: checkpoint,
                learnt: examples.isEmpty ? nil : examples.filter { !unseen.contains($0.text) }
            )
        )
    }

    /// The network of a version; nil if its checkpoint is not one.
    private func classifier(_ live: LiveVersion) throws(StoreError) -> TextClassifier? {
        try checkpoint(live).flatMap { try? TextClassifier($0) }
    }

    private func checkpoint(_ live: LiveVersion) throws(StoreError) -> Checkpoint? {
        guard let bytes = try store.checkpointBytes(live.model, live.version) else { return nil }
        return try? Checkpoint(parsing: bytes, source: live.model)
    }
}

extension Decision {
    /// A verdict as the store keeps it, with what it rests on.
    init(_ verdict: Verdict, on ground: DecisionGround) {
        self.init(
            isPromoted: verdict.isPromoted,
            reason: verdict.reason,
            comparedWith: ground.live?.version,
            goldenRevision: ground.golden.revision,
            evidence: Evidence(
                before: ground.history,
                after: DecisionHistory(verdict.standing),
                version: ground.nextVersion
            )
        )
    }
}

extension DecisionHistory {
    fileprivate init(_ standing: Standing) {
        self.init(
            anchor: standing.anchor,
            refusals: standing.refusals,
            looks: standing.looks,
            anchorLooks: standing.anchorLooks
        )
    }
}

extension Standing {
    fileprivate init(_ history: DecisionHistory) {
        self.init(
            anchor: history.anchor,
            refusals: history.refusals,
            looks: history.looks,
            anchorLooks: history.anchorLooks
        )
    }
}

extension AnsweredExample {
    fileprivate init(_ answer: HeldOutAnswer) {
        self.init(
            text: answer.text,
            truth: answer.truth,
            label: answer.label,
            score: answer.score,
            truthScore: answer.truthScore
        )
    }
}

extension HeldOutAnswer {
    /// An answer as the store keeps it.
    init(_ answer: AnsweredExample) {
        self.init(
            text: answer.text,
            truth: answer.truth,
            label: answer.label,
            score: answer.score,
            truthScore: answer.truthScore
        )
    }
}
