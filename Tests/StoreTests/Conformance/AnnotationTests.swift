import Examples
import Store
import TestStores
import Testing

/// A data set that follows the annotations of another program.
@Suite struct AnnotationTests {
    private func annotation(
        _ id: Int,
        _ label: String,
        _ text: String,
        project: Int = 1,
        task: Int? = nil
    ) -> Annotation {
        Annotation(
            id: AnnotationID(project: project, annotation: id),
            task: task,
            example: Example(label: label, text: text)
        )
    }

    private func follow(
        _ store: any Store,
        _ kept: [Annotation] = [],
        removed: [Int] = [],
        tasks: [Int] = []
    ) throws -> FollowedAnnotations {
        try store.follow(
            AnnotationChange(
                model: "mood",
                kept: kept,
                removed: removed.map { AnnotationID(project: 1, annotation: $0) },
                removedTasks: tasks.map { (project: 1, task: $0) },
                actor: "tool"
            ),
            maximumRows: 1000
        )
    }

    private func rows(_ store: any Store) throws -> [String] {
        let page = try store.examples(of: "mood", limit: 100)
        return (page?.rows ?? []).map {
            "\($0.example.label): \($0.example.text) (\($0.source.rawValue))"
        }
    }

    @Test(
        "annotations come, change their labels and go, and their rows with them",
        arguments: Backend.all
    )
    func lifecycle(_ backend: Backend) throws {
        let store = try backend.makePlace().open()
        let first = try follow(
            store,
            [annotation(1, "a", "one", task: 5), annotation(2, "b", "two")]
        )
        #expect(first.change.added == 2 && first.rowCount == 2 && first.untrainedCount == 2)
        #expect(try rows(store) == ["a: one (label-studio)", "b: two (label-studio)"])
        #expect(try store.examples(of: "mood", limit: 1)?.rows.first?.actor == "tool")
        let changed = try follow(store, [annotation(1, "c", "one", task: 5)])
        #expect(changed.change.relabelled == 1 && changed.revision > first.revision)
        #expect(try rows(store) == ["b: two (label-studio)", "c: one (label-studio)"])
        let again = try follow(store, [annotation(1, "c", "one", task: 5)])
        #expect(again.revision == changed.revision && again.change.known == 1)
        // The text of its task was mended.
        _ = try follow(store, [annotation(2, "b", "TWO")])
        #expect(try rows(store) == ["c: one (label-studio)", "b: TWO (label-studio)"])
        #expect(try follow(store, tasks: [5]).change.removed == 1)
        #expect(try follow(store, removed: [2, 2, 77]).change.removed == 1)
        #expect(try rows(store).isEmpty)
        #expect(try follow(store, removed: [2]).change == DataSetChange())
    }

    @Test(
        "of several annotations of a text the one that changed last counts",
        arguments: Backend.all
    )
    func several(_ backend: Backend) throws {
        let store = try backend.makePlace().open()
        _ = try follow(store, [annotation(1, "a", "t")])
        _ = try follow(store, [annotation(2, "b", "t")])
        #expect(try rows(store) == ["b: t (label-studio)"])
        _ = try follow(store, removed: [2])
        #expect(try rows(store) == ["a: t (label-studio)"])
        _ = try follow(store, [annotation(1, "x", "t", project: 2)])
        _ = try follow(store, removed: [1])
        #expect(try rows(store) == ["x: t (label-studio)"])
    }

    @Test("a row that came from elsewhere stays when its annotation goes", arguments: Backend.all)
    func others(_ backend: Backend) throws {
        let store = try backend.makePlace().open()
        let imported = ExampleChange(
            model: "mood",
            added: [Example(label: "a", text: "known"), Example(label: "a", text: "wrong")]
        )
        _ = try store.changeExamples(imported)
        let kept = [annotation(1, "a", "known"), annotation(2, "b", "wrong")]
        #expect(try follow(store, kept).change == DataSetChange(relabelled: 1, known: 1))
        // A later correction counts over an annotation that goes.
        var correction = ExampleChange(model: "mood", added: [Example(label: "c", text: "wrong")])
        correction.source = .feedback
        _ = try store.changeExamples(correction)
        _ = try follow(store, removed: [1, 2])
        #expect(try rows(store) == ["a: known (import)", "c: wrong (feedback)"])
    }

    @Test(
        "what is removed by hand, or with its model, leaves no annotation",
        arguments: Backend.all
    )
    func forgotten(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let store = try place.open()
        _ = try follow(store, [annotation(1, "a", "secret"), annotation(2, "a", "other secret")])
        _ = try store.changeExamples(ExampleChange(model: "mood", removedTexts: ["secret"]))
        #expect(
            try !place.contents().contains { $0.contains("annotations") && $0.contains("'secret'") }
        )
        try store.deleteModel("mood")
        #expect(try !place.contents().contains { $0.contains("secret") })
    }

    @Test(
        "new rows are counted since the last job, and are not replaced unasked",
        arguments: Backend.all
    )
    func untrained(_ backend: Backend) throws {
        let store = try backend.makePlace().open()
        #expect(try follow(store, [annotation(1, "a", "one")]).lastJob == 0)
        #expect(try follow(store, [annotation(2, "b", "two")]).untrainedCount == 2)
        var job = newJob("mood")
        job.examples = []
        job.mode = .extend
        _ = try store.submit(job: job)
        let third = try follow(store, [annotation(3, "b", "three"), annotation(1, "a", "one")])
        #expect(third.untrainedCount == 1 && third.lastJob > 0)
        var replacing = newJob("mood")
        replacing.mode = nil
        #expect(throws: StoreError.self) { try store.submit(job: replacing) }
    }

    @Test("beyond the limit of rows nothing is kept", arguments: Backend.all)
    func limit(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let store = try place.open()
        _ = try follow(store, [annotation(1, "a", "one")])
        let before = try place.contents()
        let change = AnnotationChange(model: "mood", kept: [annotation(2, "a", "two")])
        #expect(throws: StoreError.dataSetFull(limit: 1)) {
            try store.follow(change, maximumRows: 1)
        }
        #expect(try place.contents() == before)
    }
}
