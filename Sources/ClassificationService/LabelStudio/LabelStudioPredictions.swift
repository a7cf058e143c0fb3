internal import Examples
internal import HTTPServer
internal import JSON
internal import Memory
internal import Model

/// What models say of the tasks of Label Studio.
struct LabelStudioPredictions: Sendable {
    let models: LiveModels
    let limits: Limits
    let memory: MemoryBudget
    let background: BackgroundWork

    /// What Label Studio is told where no version is live: it predicts nothing.
    static let noVersion = "v0"

    /// What Label Studio knows a version by.
    ///
    /// It asks again for tasks that have no prediction of this name, so a new version is another.
    static func name(of version: Int?) -> String { version.map { "v\($0)" } ?? noVersion }

    /// Tasks with their texts, out of a request.
    private struct Asked: Sendable {
        let setup: LabelingSetup
        let texts: OwnedTexts
        let hasText: [Bool]
    }

    /// Answers from another thread, when the model is loaded; before there is one, with no labels.
    var handler: Handler {
        .atOnce { request, path, principal throws(ServiceError) in
            let name = path[.model] ?? ""
            let asked = try read(request)
            var awaited: LaterAnswer.Model?
            do throws(ServiceError) {
                if case .loading = try models.find(name, version: nil, for: principal) {
                    awaited = LaterAnswer.Model(name: name)
                }
            } catch {
                guard error == .modelNotFound else { throw error }
            }
            return .later(
                LaterAnswer(
                    work: background,
                    bytes: asked.texts.byteCount,
                    model: awaited
                ) { pending throws(ServiceError) in try answer(asked, name, principal, pending) }
            )
        }
    }

    private func answer(
        _ asked: Asked,
        _ name: String,
        _ principal: Principal,
        _ pending: PendingAnswer
    ) throws(ServiceError) -> Answer? {
        let model: ServedModel
        do throws(ServiceError) {
            model = try models.loaded(name, version: nil, for: principal)
        } catch {
            guard error == .modelNotFound else { throw error }
            let none = asked.hasText.map { _ in false }
            var writer = LabelStudioWriter(none, asked.setup, labels: [], version: Self.noVersion)
            return writer.finish()
        }
        var options = ClassifyRequest.Options()
        // People look at these texts anyway.
        options.isRemembered = false
        // It asks for the same tasks again and again.
        options.isOffered = false
        var writer = LabelStudioWriter(
            asked.hasText,
            asked.setup,
            labels: model.classifier.labels,
            version: Self.name(of: model.version)
        )
        let isDone = asked.texts.withTexts { texts in
            model.classify(texts, options, into: &writer) { pending.isCancelled }
        }
        guard isDone else { return nil }
        var answer = writer.finish()
        answer.model = model.name
        return answer
    }

    private func read(_ request: borrowing HTTPRequest) throws(ServiceError) -> Asked {
        guard case .json = RequestContent(of: request) else {
            throw .unsupportedMediaType(
                expected: "application/json",
                found: RequestContent(of: request).name
            )
        }
        let body = try memory.parse(request.body, with: JSONParser(memory: memory))
        guard body.kind == .object, let tasks = body["tasks"], tasks.kind == .array else {
            throw .invalid("/tasks", "It must be an array of tasks.")
        }
        guard tasks.count <= limits.examples else {
            throw .invalid(
                "/tasks",
                "There are \(tasks.count) tasks, more than \(limits.examples); raise "
                    + "--max-examples."
            )
        }
        guard let config = body["label_config"]?.string else {
            throw .invalid("/label_config", "It must be the labelling setup, a string.")
        }
        let setup = try LabelingSetup(config, at: "/label_config", limits.exampleRules.label)
        let found = tasks.elements.map { $0["data"]?[setup.key]?.utf8 }
        return Asked(
            setup: setup,
            texts: try OwnedTexts(copying: found.compactMap(\.self), memory),
            hasText: found.map { $0 != nil }
        )
    }
}
