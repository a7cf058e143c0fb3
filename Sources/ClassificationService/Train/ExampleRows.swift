internal import Examples
internal import JSON
internal import TextForm

/// Labelled rows in a JSON body.
struct ExampleRows {
    private let rules: ExampleRules
    private let columns: ColumnOptions
    /// What to do with too many rows, if anything can be done.
    private let rest: String?

    init(_ limits: Limits, _ columns: ColumnOptions = ColumnOptions(), rest: String? = nil) {
        self.columns = columns
        self.rest = rest
        rules = limits.exampleRules
    }

    /// Checks an array of objects with `text` and `label`.
    ///
    /// - Parameters:
    ///   - value: the array.
    ///   - name: the member that it is; nil for the whole body.
    ///   - count: how many rows there may be.
    ///   - errors: gets what is wrong; not all of it if there is much.
    /// - Returns: the rows; without meaning when something is wrong.
    func read(
        _ value: JSONValue,
        _ name: String?,
        count: ClosedRange<Int>,
        _ errors: inout FieldErrors
    ) -> [Example] {
        let pointer = name.map { "/" + $0 } ?? ""
        guard value.kind == .array else {
            errors.add(pointer, "It must be an array of objects with \"text\" and \"label\".")
            return []
        }
        guard count.contains(value.count) else {
            let bounds = "from \(count.lowerBound) to \(count.upperBound) \(name ?? "rows")"
            let isOver = value.count > count.upperBound
            let wayOut = isOver ? rest.map { "; \($0), or raise --max-examples" } ?? "" : ""
            errors.add(pointer, "There must be \(bounds), and there are \(value.count)\(wayOut).")
            return []
        }
        var examples: [Example] = []
        examples.reserveCapacity(value.count)
        var reader = JSONRowReader(columns)
        for (index, row) in value.elements.enumerated() {
            guard !errors.isFull else { return [] }
            examples.append(example(reader.read(row), "\(pointer)/\(index)", &errors))
        }
        return examples
    }

    private func example(
        _ row: JSONRowReader.Row,
        _ pointer: @autoclosure () -> String,
        _ errors: inout FieldErrors
    ) -> Example {
        switch row {
        case .refused(let field, let member, let problem):
            let place = (member ?? field).map { FieldErrors.pointer(pointer(), $0) } ?? pointer()
            let sentence = field.map { "The \($0) \(problem)." }
            errors.add(
                place,
                sentence ?? problem.prefix(1).uppercased() + problem.dropFirst() + "."
            )
            return Example(label: "", text: "")
        case .found(let label, let text):
            let checked = self.text(text.value, below: pointer(), member: text.member, &errors)
            let checkedLabel: String
            if label.isSet {
                let elements = label.elements
                let isNone = elements.count == 1 && isOutOfScope(elements[0])
                checkedLabel =
                    labelSet(
                        isNone ? [] : elements,
                        below: pointer(),
                        member: label.member,
                        &errors
                    ).stored
            } else {
                checkedLabel = self.label(
                    label.value,
                    below: pointer(),
                    member: label.member,
                    &errors
                )
            }
            return Example(
                label: checkedLabel,
                text: checked.text,
                isTruncated: checked.isTruncated
            )
        }
    }

    /// Whether a label is null, or the query says that it means none of the labels.
    private func isOutOfScope(_ label: JSONValue?) -> Bool {
        guard let label else { return false }
        return label.isNull
            || label.utf8.map { columns.outOfScope?.isWritten($0) ?? false } ?? false
    }

    /// Checks the member `text` of the object at a pointer: what is kept, and whether its end was
    /// cut off.
    func text(
        _ value: JSONValue?,
        below pointer: @autoclosure () -> String,
        member: String = "text",
        _ errors: inout FieldErrors
    ) -> (text: String, isTruncated: Bool) {
        let place = { FieldErrors.pointer(pointer(), member) }
        return Self.checked("text", value, place, &errors) { utf8 throws(TextFormError) in
            try rules.text.text(utf8)
        } ?? ("", false)
    }

    /// Checks the member `label` of the object at a pointer; null is a text of none of the labels.
    func label(
        _ value: JSONValue?,
        below pointer: @autoclosure () -> String,
        member: String = "label",
        _ errors: inout FieldErrors
    ) -> String {
        isOutOfScope(value)
            ? LabelSet.outOfScope
            : oneLabel(value, below: pointer(), member: member, &errors)
    }

    private func oneLabel(
        _ value: JSONValue?,
        below pointer: @autoclosure () -> String,
        member: String,
        _ errors: inout FieldErrors
    ) -> String {
        let place = { FieldErrors.pointer(pointer(), member) }
        return Self.checked("label", value, place, &errors) { utf8 throws(TextFormError) in
            try rules.label.label(utf8)
        } ?? ""
    }

    /// Checks the elements of the member that holds a set of labels.
    func labelSet(
        _ values: [JSONValue],
        below pointer: @autoclosure () -> String,
        member: String = "labels",
        _ errors: inout FieldErrors
    ) -> LabelSet {
        let array = FieldErrors.pointer(pointer(), member)
        return LabelSet(
            values.enumerated().map { index, value in
                oneLabel(value, below: array, member: String(index), &errors)
            }
        )
    }

    private static func checked<Kept>(
        _ name: String,
        _ value: JSONValue?,
        _ pointer: () -> String,
        _ errors: inout FieldErrors,
        _ rule: (UnsafeBufferPointer<UInt8>) throws(TextFormError) -> Kept
    ) -> Kept? {
        let problem: String
        if let utf8 = value?.utf8 {
            do throws(TextFormError) { return try rule(utf8) } catch {
                problem = error.description
            }
        } else {
            problem = value == nil ? "is missing" : "must be a string"
        }
        errors.add(pointer(), "The \(name) \(problem).")
        return nil
    }
}
