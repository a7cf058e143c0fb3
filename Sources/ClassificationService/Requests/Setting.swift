internal import JSON
internal import Model

/// A setting of a request: a member of its JSON body, or a parameter of its query.
///
/// Both are read in the same way, so that a query can say what a body can.
enum Setting: OptionValue {
    case json(JSONValue)
    /// The text of a parameter; numbers, `true` and `false` are written as in JSON.
    case query(String)
    /// Parameters that together are one member of a body.
    case group([(name: String, value: Setting)])

    var string: String? {
        switch self {
        case .json(let value): value.string
        case .query(let text): text
        case .group: nil
        }
    }

    var bool: Bool? { scalar?.bool }

    var int: Int? { scalar?.int }

    /// An integer, also one that is written with a fraction of zero.
    var wholeNumber: Int? { scalar?.wholeNumber }

    var double: Double? { scalar?.double }

    var options: [(name: String, value: Setting)]? {
        switch self {
        case .json(let value):
            value.kind == .object ? value.members.map { ($0.key, .json($0.value)) } : nil
        case .query: nil
        case .group(let members): members
        }
    }

    /// The value as JSON; nil for a text that is none.
    fileprivate var scalar: JSONValue? {
        switch self {
        case .json(let value): value
        case .query(let text): try? JSONParser().parse(Array(text.utf8))
        case .group: nil
        }
    }
}

extension JSONWriter {
    /// Writes a setting as JSON; of a query only numbers and truth values are no strings.
    mutating func copy(_ setting: Setting) {
        switch setting {
        case .json(let value): copy(value)
        case .query(let text):
            if let scalar = setting.scalar, [.integer, .number, .bool].contains(scalar.kind) {
                copy(scalar)
            } else {
                string(text)
            }
        case .group(let members):
            beginObject()
            for (name, value) in members {
                key(name)
                copy(value)
            }
            endObject()
        }
    }
}
