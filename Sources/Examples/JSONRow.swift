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
        /// The value, which is a string.
        public let value: JSONValue
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

    private static func row(
        _ label: (key: String, value: JSONValue),
        _ text: (key: String, value: JSONValue)
    ) -> Row {
        let (found, problem) = labelValue(label.value)
        guard let found else { return .refused(field: "label", member: label.key, problem) }
        guard text.value.kind == .string else {
            let problem = "is \(description(of: text.value)), expected a string"
            return .refused(field: "text", member: text.key, problem)
        }
        return .found(
            label: Field(member: label.key, value: found),
            text: Field(member: text.key, value: text.value)
        )
    }

    /// A label alone or in a list; else what is wrong.
    private static func labelValue(
        _ value: JSONValue
    ) -> (JSONValue?, problem: String) {
        if value.kind == .string { return (value, "") }
        guard value.kind == .array else {
            let hint = value.double == nil ? "a string" : "a string such as \"1\""
            return (nil, "is \(description(of: value)), expected \(hint)")
        }
        var elements = value.elements
        guard let only = elements.next() else {
            return (nil, "is an empty list, expected a string or a list of one")
        }
        guard value.count == 1 else {
            return (
                nil,
                "is a list of \(value.count), but Elman gives a text one label; expected a "
                    + "string or a list of one"
            )
        }
        guard only.kind == .string else {
            return (nil, "is a list with \(description(of: only)), expected a string in it")
        }
        return (only, "")
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
