internal import JSON

/// A value of a checkpoint with its place, so that every error can name file and field.
struct CheckpointField {
    let value: JSONValue
    let source: String
    let pointer: String

    func error(_ problem: CheckpointError.Problem) -> CheckpointError {
        CheckpointError(source: source, field: pointer, problem: problem)
    }

    func string() throws(CheckpointError) -> String {
        guard let string = value.string else { throw error(.wrongType(expected: "a string")) }
        return string
    }

    func int(in range: ClosedRange<Int>) throws(CheckpointError) -> Int {
        guard let int = value.int, range.contains(int) else {
            throw error(
                .wrongType(
                    expected: "a whole number from \(range.lowerBound) to \(range.upperBound)"
                )
            )
        }
        return int
    }

    /// The elements of an array, each with its own place.
    func elements() throws(CheckpointError) -> [CheckpointField] {
        guard case .array = value.kind else { throw error(.wrongType(expected: "an array")) }
        var index = 0
        var fields: [CheckpointField] = []
        fields.reserveCapacity(value.count)
        for element in value.elements {
            fields.append(
                CheckpointField(value: element, source: source, pointer: "\(pointer)/\(index)")
            )
            index += 1
        }
        return fields
    }
}

/// An object of a checkpoint: reads members by name and refuses what does not belong.
struct CheckpointObject {
    private let here: CheckpointField

    init(_ field: CheckpointField) throws(CheckpointError) {
        guard case .object = field.value.kind else {
            throw field.error(.wrongType(expected: "an object"))
        }
        here = field
    }

    /// Refuses members that are not among `names`, and their absence.
    func requireMembers(_ names: [String]) throws(CheckpointError) {
        for member in here.value.members where !names.contains(member.key) {
            throw CheckpointError(
                source: here.source,
                field: "\(here.pointer)/\(member.key.jsonPointerToken)",
                problem: .unknownMember
            )
        }
        for name in names { _ = try field(name) }
    }

    /// Whether there is a member of this name.
    func has(_ name: String) -> Bool { here.value[name] != nil }

    func field(_ name: String) throws(CheckpointError) -> CheckpointField {
        let pointer = "\(here.pointer)/\(name)"
        guard let value = here.value[name] else {
            throw CheckpointError(source: here.source, field: pointer, problem: .missing)
        }
        return CheckpointField(value: value, source: here.source, pointer: pointer)
    }

    func object(_ name: String) throws(CheckpointError) -> CheckpointObject {
        try CheckpointObject(try field(name))
    }

    func array(_ name: String) throws(CheckpointError) -> [CheckpointField] {
        try field(name).elements()
    }

    func string(_ name: String) throws(CheckpointError) -> String {
        try field(name).string()
    }

    func strings(_ name: String) throws(CheckpointError) -> [String] {
        let field = try field(name)
        guard case .array = field.value.kind else {
            throw field.error(.wrongType(expected: "an array"))
        }
        var strings: [String] = []
        strings.reserveCapacity(field.value.count)
        // Lists are long: the place of an element is spelled out only when it is wrong.
        for element in field.value.elements {
            guard let string = element.string else {
                throw CheckpointError(
                    source: field.source,
                    field: "\(field.pointer)/\(strings.count)",
                    problem: .wrongType(expected: "a string")
                )
            }
            strings.append(string)
        }
        return strings
    }

    func int(_ name: String, in range: ClosedRange<Int>) throws(CheckpointError) -> Int {
        try field(name).int(in: range)
    }

    func double(
        _ name: String,
        in range: ClosedRange<Double>
    ) throws(CheckpointError) -> Double {
        let field = try field(name)
        guard let double = field.value.double, range.contains(double) else {
            throw field.error(
                .wrongType(expected: "a number from \(range.lowerBound) to \(range.upperBound)")
            )
        }
        return double
    }

    func doubles(
        _ name: String,
        in range: ClosedRange<Double>
    ) throws(CheckpointError) -> [Double] {
        var numbers: [Double] = []
        for element in try array(name) {
            guard let number = element.value.double, range.contains(number) else {
                throw element.error(
                    .wrongType(
                        expected: "a number from \(range.lowerBound) to \(range.upperBound)"
                    )
                )
            }
            numbers.append(number)
        }
        return numbers
    }

    /// A SHA-256 in lower-case hexadecimal digits.
    func digest(_ name: String) throws(CheckpointError) -> String {
        let field = try field(name)
        let digest = try field.string()
        let isHexadecimal = digest.utf8.allSatisfy { byte in
            byte &- 0x30 < 10 || byte &- 0x61 < 6
        }
        guard digest.utf8.count == 64, isHexadecimal else {
            throw field.error(.wrongType(expected: "64 lower-case hexadecimal digits"))
        }
        return digest
    }

    func options(_ name: String) throws(CheckpointError) -> TrainingOptions {
        let field = try field(name)
        do {
            return try TrainingOptions.decode(field.value, pointer: field.pointer)
        } catch {
            throw CheckpointError(
                source: field.source,
                field: error.pointer,
                problem: .notAllowed(error.detail)
            )
        }
    }
}
