/// Collects the bad members of a body, up to the number that one answer names.
struct FieldErrors {
    private(set) var errors: [FieldError] = []

    /// Whether further ones would not be named.
    var isFull: Bool { errors.count >= Limits.namedErrors }

    mutating func add(_ pointer: String, _ detail: String) {
        if !isFull { errors.append(FieldError(pointer: pointer, detail: detail)) }
    }

    /// Refuses a member that the contract does not have.
    mutating func addUnknown(_ key: String, below pointer: String = "") {
        add(
            pointer + "/" + Self.pointerToken(key),
            "There is no such member; check its spelling against /openapi.yaml."
        )
    }

    /// The pointer to a member of what `pointer` points to.
    static func pointer(_ pointer: String, _ member: String) -> String {
        pointer + "/" + pointerToken(member)
    }

    func throwIfAny() throws(ServiceError) {
        if !errors.isEmpty { throw .invalidRequest(errors) }
    }

    /// A key as part of a pointer (RFC 6901), shortened.
    private static func pointerToken(_ key: String) -> String {
        key.prefix(64).reduce(into: "") { token, character in
            switch character {
            case "~": token += "~0"
            case "/": token += "~1"
            default: token.append(character)
            }
        }
    }
}
