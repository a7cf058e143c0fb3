internal import Examples
internal import Model
internal import Store
internal import TextForm

/// Corrections of what models answered.
struct FeedbackHandlers: Sendable {
    let store: any Store
    let models: LiveModels
    let predictions: RememberedPredictions?
    let limits: Limits
    let changes: ExampleChanges

    /// Adds a correction to the data set of the model that was wrong.
    func correct(_ request: RequestCopy) throws(ServiceError) -> Answer {
        let asked = try FeedbackRequest(try request.json(), limits: limits)
        let (model, example) = try subject(of: asked)
        try request.principal.require(model: model)
        try requireKnown(model)
        let change = ExampleChange(
            model: model,
            added: [example],
            source: .feedback,
            actor: request.principal.name
        )
        let done = try changes.make(change, request)
        // The correction is kept; should this fail, the answer is only listed once more.
        if case .prediction(let id) = asked.subject { try? predictions?.setReviewed(id) }
        // The live version may have learnt the label from rows that are not here.
        let labels = Set(models.snapshot.cards[model]?.labels ?? [])
        let beginsLabel =
            done.beginsLabel && !labels.isSuperset(of: LabelSet.of(asked.label).labels)
        return changes.answer(done, of: change, beginsLabel: beginsLabel)
    }

    /// A slip of the pen must not begin a data set.
    private func requireKnown(_ model: String) throws(ServiceError) {
        let isKnown = try storing { () throws(StoreError) in
            if try store.model(model) != nil { return true }
            return try store.examples(of: model, where: RowFilter(), limit: 1, after: 0) != nil
        }
        guard isKnown else { throw .modelNotFound }
    }

    private func subject(
        of asked: FeedbackRequest
    ) throws(ServiceError) -> (model: String, example: Example) {
        switch asked.subject {
        case .text(let text, let isTruncated, let name):
            guard let model = name ?? models.snapshot.defaultName else { throw .noModel }
            return (model, Example(label: asked.label, text: text, isTruncated: isTruncated))
        case .prediction(let id):
            guard let predictions else { throw .predictionsNotRemembered }
            guard let prediction = try predictions.find(id) else { throw .predictionNotFound }
            let rule = limits.exampleRules.text
            do throws(TextFormError) {
                let (text, isTruncated) = try Array(prediction.text.utf8).withUnsafeBufferPointer {
                    utf8 throws(TextFormError) in try rule.text(utf8)
                }
                let example = Example(label: asked.label, text: text, isTruncated: isTruncated)
                return (prediction.model, example)
            } catch {
                throw .invalid("/prediction_id", "The text of the prediction \(error).")
            }
        }
    }
}
