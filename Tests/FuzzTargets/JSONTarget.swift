internal import JSON

/// A document is read, then each value is asked for; or it is refused with a reason that the
/// reader agrees with.
func findingInJSON(_ bytes: [UInt8]) -> String? {
    let parser = JSONParser()
    do throws(JSONError) {
        let root = try parser.parse(bytes)
        return count(root) > 0 ? nil : "a document has no value"
    } catch {
        let reason = "\(error)"
        // The sentence for a document in which the diagnosis finds nothing wrong.
        return reason.contains("it cannot be read") ? "no reason for a refusal" : nil
    }
}

/// How many values there are; 0 for one that cannot be had.
private func count(_ value: JSONValue) -> Int {
    switch value.kind {
    case .object: value.members.reduce(1) { $0 + count($1.value) }
    case .array: value.elements.reduce(1) { $0 + count($1) }
    case .string: value.string == nil ? 0 : 1
    case .integer, .number: value.double?.isFinite == true ? 1 : 0
    case .bool: value.bool == nil ? 0 : 1
    case .null: 1
    }
}
