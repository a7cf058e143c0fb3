internal import Examples
internal import JSON
internal import Store

/// What Label Studio tells, or asks for, by a webhook or by `/train`.
struct LabelStudioEvent {
    /// What is to be done.
    enum Kind: Equatable {
        case follow
        case train
        /// Something that has no meaning here.
        case other
    }

    private(set) var kind: Kind
    /// Annotations that came, changed or went.
    private(set) var change: AnnotationChange

    /// Reads the body of a webhook.
    ///
    /// - Throws: what is wrong with it.
    init(webhook body: JSONValue, model: String, _ limits: Limits) throws(ServiceError) {
        guard body.kind == .object else {
            throw .invalid("", "The body must be an object with \"action\".")
        }
        kind = .follow
        change = AnnotationChange(model: model)
        let project = Self.project(body["project"])
        switch body["action"]?.string {
        case "ANNOTATION_CREATED", "ANNOTATION_UPDATED", "ANNOTATIONS_CREATED":
            let reader = try AnnotationReader(
                body["project"]?["label_config"],
                at: "/project/label_config",
                project: project,
                limits
            )
            try reader.read(Self.pairs(body), into: &change)
        case "ANNOTATION_DELETED", "ANNOTATIONS_DELETED":
            for annotation in try Self.list(body, "annotations", "annotation") {
                let id = try Self.number(annotation.value, annotation.pointer)
                change.removed.append(AnnotationID(project: project, annotation: id))
            }
        case "TASKS_DELETED":
            for task in try Self.list(body, "tasks", "task") {
                let id = try Self.number(task.value, task.pointer)
                change.removedTasks.append((project: project, task: id))
            }
        case "START_TRAINING": kind = .train
        // Some versions of Label Studio send here what others send to /train.
        case nil where body["annotations"] != nil:
            self = try LabelStudioEvent(training: body, model: model, limits)
        case nil: throw .invalid("/action", "It must be a string.")
        default: kind = .other
        }
    }

    /// Reads the body of `/train`: all tasks that have annotations, or nothing of them.
    ///
    /// - Throws: what is wrong with it.
    init(training body: JSONValue, model: String, _ limits: Limits) throws(ServiceError) {
        guard body.kind == .object else {
            throw .invalid("", "The body must be an object with \"annotations\".")
        }
        kind = .train
        change = AnnotationChange(model: model)
        guard let tasks = body["annotations"], !tasks.isNull else { return }
        guard tasks.kind == .array else {
            throw .invalid("/annotations", "It must be an array of tasks.")
        }
        let reader = try AnnotationReader(
            body["label_config"],
            at: "/label_config",
            project: Self.project(body["project"]),
            limits
        )
        var pairs: [AnnotationReader.Pair] = []
        for (place, task) in tasks.elements.enumerated() {
            let pointer = "/annotations/\(place)"
            guard let annotations = task["annotations"], annotations.kind == .array else {
                throw .invalid(pointer, "The task must have an array \"annotations\".")
            }
            for (place, annotation) in annotations.elements.enumerated() {
                pairs.append((annotation, task, "\(pointer)/annotations/\(place)"))
            }
        }
        try reader.read(pairs, into: &change)
    }

    /// Each annotation of an event with its task.
    private static func pairs(_ body: JSONValue) throws(ServiceError) -> [AnnotationReader.Pair] {
        let tasks = try list(body, "task", "tasks").map(\.value)
        let annotations = try list(body, "annotation", "annotations")
        guard !annotations.isEmpty else {
            throw .invalid(
                "/annotation",
                "The event has no annotation: let the webhook of Label Studio send its payload."
            )
        }
        let byNumber = Dictionary(
            tasks.compactMap { task in task["id"]?.int.map { ($0, task) } },
            uniquingKeysWith: { first, _ in first }
        )
        return annotations.enumerated().map { place, annotation in
            let named = annotation.value["task"]?.int.flatMap { byNumber[$0] }
            let task = named ?? (place < tasks.count ? tasks[place] : nil)
            return (annotation.value, task, annotation.pointer)
        }
    }

    /// The elements of a member that is a list or one thing, under either name.
    private static func list(
        _ body: JSONValue,
        _ name: String,
        _ otherName: String
    ) throws(ServiceError) -> [(value: JSONValue, pointer: String)] {
        for name in [name, otherName] {
            guard let value = body[name], !value.isNull else { continue }
            guard value.kind == .array else { return [(value, "/" + name)] }
            return value.elements.enumerated().map { ($1, "/\(name)/\($0)") }
        }
        return []
    }

    /// The number of something that is told as an object with `id`, or by its number alone.
    private static func number(
        _ value: JSONValue,
        _ pointer: String
    ) throws(ServiceError) -> Int {
        guard let number = value["id"]?.int ?? value.int else {
            throw .invalid(pointer, "It must have an \"id\", a number.")
        }
        return number
    }

    /// The number of a project: an object with `id`, the number, or the number, a dot and a time.
    private static func project(_ value: JSONValue?) -> Int {
        guard let value else { return 0 }
        let text = value.string.map { Int($0.prefix { $0 != "." }) ?? 0 }
        return value["id"]?.int ?? value.int ?? text ?? 0
    }
}
