internal import Examples
internal import JSON
internal import Store
internal import TextForm

/// Reads what people chose for tasks of a project.
struct AnnotationReader {
    /// An annotation, its task if that came with it, and where the annotation stands.
    typealias Pair = (annotation: JSONValue, task: JSONValue?, pointer: String)

    private let setup: LabelingSetup?
    private let project: Int
    private let rules: ExampleRules
    private let limit: Int

    /// - Parameters:
    ///   - config: the labelling setup of the project; nil where that is not told.
    ///   - pointer: where it stands.
    ///   - project: the number of the project.
    ///   - limits: what clients may ask for at most.
    /// - Throws: what is wrong with the setup.
    init(
        _ config: JSONValue?,
        at pointer: String,
        project: Int,
        _ limits: Limits
    ) throws(ServiceError) {
        let rules = limits.exampleRules
        var setup: LabelingSetup?
        if let config, !config.isNull {
            guard let text = config.string else {
                throw .invalid(pointer, "It must be the labelling setup, a string.")
            }
            setup = try LabelingSetup(text, at: pointer, rules.label)
        }
        self.setup = setup
        self.project = project
        self.rules = rules
        limit = limits.examples
    }

    /// Adds annotations to a change.
    ///
    /// One that was cancelled, or that chooses nothing any more, is as one that went.
    func read(_ pairs: [Pair], into change: inout AnnotationChange) throws(ServiceError) {
        guard pairs.count <= limit else {
            throw .invalid(
                "",
                "There are \(pairs.count) annotations, more than \(limit); raise --max-examples."
            )
        }
        var errors = FieldErrors()
        for (annotation, task, pointer) in pairs where !errors.isFull {
            guard let number = annotation["id"]?.int else {
                errors.add(pointer + "/id", "It must be a number.")
                continue
            }
            let id = AnnotationID(project: project, annotation: number)
            guard annotation["was_cancelled"]?.bool != true,
                let choice = choice(of: annotation, pointer, &errors)
            else {
                change.removed.append(id)
                continue
            }
            guard let text = text(of: task, pointer, &errors),
                let example = example(choice, text, pointer, &errors)
            else { continue }
            let taskNumber = annotation["task"]?.int ?? task?["id"]?.int
            change.kept.append(Annotation(id: id, task: taskNumber, example: example))
        }
        try errors.throwIfAny()
    }

    /// What an annotation chooses: a label, or where people may choose several, what stands for the
    /// set of all; nil if that is nothing.
    private func choice(
        of annotation: JSONValue,
        _ pointer: String,
        _ errors: inout FieldErrors
    ) -> String? {
        guard let result = annotation["result"], result.kind == .array else {
            errors.add(pointer + "/result", "It must be an array.")
            return nil
        }
        for item in result.elements where item["type"]?.string == "choices" {
            if let setup, item["from_name"]?.string != setup.choices { continue }
            guard let choices = item["value"]?["choices"], choices.kind == .array else { continue }
            if setup?.isMultiple == true || choices.count > 1 {
                return set(choices, pointer, &errors)
            }
            guard let first = choices.elements.first(where: { _ in true }) else { return nil }
            guard let choice = first.string else {
                errors.add(
                    pointer + "/result",
                    "It has nested choices; Elman learns choices that are one word of text each."
                )
                return nil
            }
            return label(choice, pointer, &errors)
        }
        // Whoever may choose any number and chooses none says that the text has no label.
        return setup?.isMultiple == true ? LabelSet([]).stored : nil
    }

    /// What stands for all choices.
    private func set(
        _ choices: JSONValue,
        _ pointer: String,
        _ errors: inout FieldErrors
    ) -> String? {
        var labels: [String] = []
        for choice in choices.elements {
            guard let name = choice.string else {
                errors.add(
                    pointer + "/result",
                    "It has nested choices; Elman learns choices that are one word of text each."
                )
                return nil
            }
            guard let label = label(name, pointer, &errors) else { return nil }
            labels.append(label)
        }
        return LabelSet(labels).stored
    }

    private func label(
        _ choice: String,
        _ pointer: String,
        _ errors: inout FieldErrors
    ) -> String? {
        do throws(TextFormError) { return try rules.label.label(choice) } catch {
            errors.add(pointer + "/result", "The choice \(error).")
            return nil
        }
    }

    /// The text of a task.
    private func text(
        of task: JSONValue?,
        _ pointer: String,
        _ errors: inout FieldErrors
    ) -> JSONValue? {
        guard let data = task?["data"] else {
            errors.add(pointer, "The data of its task did not come with it.")
            return nil
        }
        guard let setup else {
            // Without a setup there is no doubt where a task has one text.
            let texts = data.members.map(\.value).filter { $0.kind == .string }
            if texts.count == 1 { return texts[0] }
            if let text = data["text"], text.kind == .string { return text }
            errors.add(pointer, "It cannot be told which member of its task is the text.")
            return nil
        }
        guard let text = data[setup.key], text.kind == .string else {
            errors.add(
                pointer,
                "Its task has no text in the member that the labelling setup shows."
            )
            return nil
        }
        return text
    }

    private func example(
        _ label: String,
        _ text: JSONValue,
        _ pointer: String,
        _ errors: inout FieldErrors
    ) -> Example? {
        do throws(TextFormError) {
            let kept = try text.withUTF8 { utf8 throws(TextFormError) in
                try rules.text.text(utf8)
            }
            guard let kept else { return nil }
            return Example(label: label, text: kept.text, isTruncated: kept.isTruncated)
        } catch {
            errors.add(pointer, "The text of its task \(error).")
            return nil
        }
    }
}
