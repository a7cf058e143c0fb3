internal import JSON

extension JSONValue {
    /// Beyond this not every JSON reader can tell integers apart.
    static let largestExactInteger = 9_007_199_254_740_991

    /// An integer, also one that is written with a fraction of zero, as JSON Schema has it.
    var wholeNumber: Int? {
        if let int { return int }
        guard kind == .number, let double, abs(double) <= Double(Self.largestExactInteger) else {
            return nil
        }
        return Int(exactly: double)
    }
}

extension JSONWriter {
    /// Writes a value that was read.
    mutating func copy(_ value: JSONValue) {
        switch value.kind {
        case .object:
            beginObject()
            for (name, member) in value.members {
                key(name)
                copy(member)
            }
            endObject()
        case .array:
            beginArray()
            for element in value.elements { copy(element) }
            endArray()
        case .string: string(value.string ?? "")
        case .integer:
            if let number = value.int { int(number) } else { uint(value.uint ?? 0) }
        case .number: double(value.double ?? 0)
        case .bool: bool(value.bool ?? false)
        case .null: null()
        }
    }

    /// Writes `notes`, what was passed over in the rows of a request, if there is anything.
    mutating func notes(_ notes: [String]) {
        guard !notes.isEmpty else { return }
        key("notes")
        beginArray()
        for note in notes { string(note) }
        endArray()
    }

    /// Writes a point in time, in milliseconds since 1970, or `null`.
    mutating func member(_ name: String, time value: Int?) {
        member(name, string: value.map { Timestamp.text(milliseconds: Int64($0)) })
    }
}
