public import JSON

/// Finds label and text among the members of JSON objects, which are rows.
public struct JSONRowReader {
    /// What an object holds.
    public enum Row {
        /// Label and text.
        case found(label: Field, text: Field)
        /// The field ("label", "text") that is at fault, if one is, the member that holds it, if
        /// one does, and a predicate without its subject or, without a field, a sentence.
        case refused(field: String?, member: String?, String)
    }

    /// A member of a row.
    public struct Field {
        /// The member's name.
        public let member: String
        /// The value: a string; null for none of the labels; or, if it is a set, a list of strings
        /// or null.
        public let value: JSONValue
        /// Whether it is a set of labels.
        public let isSet: Bool

        /// Whether it says that the text has none of the labels.
        public var isOutOfScope: Bool { !isSet && value.isNull }

        /// The values of a set, in their order.
        public var elements: [JSONValue] { value.kind == .array ? Array(value.elements) : [] }
    }

    private let options: ColumnOptions
    /// The members that held label and text in the last row, and how many there were.
    private var last: (label: String, text: String, count: Int)

    /// Makes a reader.
    public init(_ options: ColumnOptions) {
        self.options = options
        // The exact names win whatever else there is.
        let isGiven = options.label != nil || options.text != nil
        last = ("label", "text", isGiven ? -1 : 0)
    }

    /// Reads one row.
    public mutating func read(_ row: JSONValue) -> Row {
        guard row.kind == .object else {
            return .refused(
                field: nil,
                member: nil,
                "expected an object with \"text\" and \"label\""
            )
        }
        if let problem = Self.doubled(row, options) {
            return .refused(field: nil, member: "labels", problem)
        }
        if last.count == 0 || last.count == row.count, let label = row[last.label],
            let text = row[last.text]
        {
            return Self.row((last.label, label), (last.text, text))
        }
        let keys = row.members.map(\.key)
        let names = ColumnNames(keys)
        switch names.choose(options) {
        case .both(let label, let text):
            let (labelKey, textKey) = (keys[label], keys[text])
            let isExact = labelKey == "label" && textKey == "text" && last.count == 0
            if !isExact { last = (labelKey, textKey, keys.count) }
            guard let label = row[labelKey], let text = row[textKey] else { break }
            return Self.row((labelKey, label), (textKey, text))
        case .refused(let problem): return .refused(field: nil, member: nil, problem)
        case .partial(label: nil, text: _):
            return missing("label", ColumnNames.someLabelNames, names)
        case .partial: return missing("text", ColumnNames.someTextNames, names)
        case .unknown: break
        }
        let found = keys.isEmpty ? "no members" : "the members \(names.list)"
        return .refused(
            field: nil,
            member: nil,
            "the row has \(found), expected \"text\" and \"label\"; name others with "
                + "\(options.option("text", "NAME")) and \(options.option("label", "NAME"))"
        )
    }

    private func missing(_ field: String, _ known: String, _ names: ColumnNames) -> Row {
        .refused(
            field: field,
            member: nil,
            "is missing; the row has the members \(names.list), expected one called \(known); name "
                + "another one with \(options.option(field, "NAME"))"
        )
    }

    /// Two members that may both hold what the text is to get.
    private static func doubled(_ row: JSONValue, _ options: ColumnOptions) -> String? {
        guard options.label == nil, let labels = row["labels"], labels.kind == .array,
            row["label"] != nil
        else { return nil }
        return "the row has both \"label\" and \"labels\"; keep one of them, or say which counts "
            + "with \(options.option("label", "labels"))"
    }

    private static func row(
        _ label: (key: String, value: JSONValue),
        _ text: (key: String, value: JSONValue)
    ) -> Row {
        let field: Field
        switch labelField(label.key, label.value) {
        case .success(let found): field = found
        case .failure(let refusal):
            return .refused(field: "label", member: label.key, refusal.problem)
        }
        guard text.value.kind == .string else {
            let problem = "is \(description(of: text.value)), expected a string"
            return .refused(field: "text", member: text.key, problem)
        }
        return .found(
            label: field,
            text: Field(member: text.key, value: text.value, isSet: false)
        )
    }

    private struct Refusal: Error {
        let problem: String
    }

    /// A label alone or in a list; or a set of labels: a list under the name `labels`, or one of
    /// another number than one.
    private static func labelField(
        _ key: String,
        _ value: JSONValue
    ) -> Result<Field, Refusal> {
        func refused(_ problem: String) -> Result<Field, Refusal> {
            .failure(Refusal(problem: problem))
        }
        let isForSets = key.lowercased() == "labels"
        switch value.kind {
        case .string: return .success(Field(member: key, value: value, isSet: false))
        case .null: return .success(Field(member: key, value: value, isSet: isForSets))
        case .array: break
        default:
            let hint = value.double == nil ? "a string" : "a string such as \"1\""
            return refused(
                "is \(description(of: value)), expected \(hint)"
                    + (isForSets ? " or a list of strings" : "")
            )
        }
        guard value.count <= LabelSet.greatestCount else {
            return refused(
                "is a list of \(value.count), and a text has at most \(LabelSet.greatestCount) "
                    + "labels"
            )
        }
        if let odd = value.elements.first(where: { $0.kind != .string }) {
            return refused("is a list with \(description(of: odd)), expected a string in it")
        }
        guard !isForSets, value.count == 1, let only = value.elements.first(where: { _ in true })
        else { return .success(Field(member: key, value: value, isSet: true)) }
        return .success(Field(member: key, value: only, isSet: false))
    }

    private static func description(of value: JSONValue) -> String {
        switch value.kind {
        case .object: "an object"
        case .array: "a list"
        case .string: "a string"
        case .integer, .number: "a number"
        case .bool: value.bool == true ? "true" : "false"
        case .null: "null"
        }
    }
}
