/// Why bytes are no label or no text.
public enum TextFormError: Error, Equatable, Sendable {
    /// They are not UTF-8.
    case malformed
    /// Nothing of them can be seen.
    case empty
    /// A label has more characters (code points) than are allowed.
    case tooLong(count: Int, limit: Int)
    /// A character that no label may have, and its place, counted from 1 in what is kept.
    case notAllowed(Unicode.Scalar, place: Int)
    /// A label that should have been trimmed and normalized and is not.
    case otherForm
}

extension TextFormError: CustomStringConvertible {
    /// A predicate without its subject and full stop, such as "is empty".
    public var description: String {
        switch self {
        case .malformed: "is not valid UTF-8"
        case .empty: "is empty"
        case .tooLong(let count, let limit):
            "has \(count) characters; at most \(limit) are allowed"
        case .notAllowed(let scalar, let place):
            "has \(Self.name(of: scalar)) as character \(place); remove it"
        case .otherForm:
            "has white space or invisible characters at an end, or is not in normalization form C"
        }
    }

    /// For example `U+202E (right-to-left override)`.
    private static func name(of scalar: Unicode.Scalar) -> String {
        let name =
            switch scalar.value {
            case 0x09: "tab"
            case 0x0A: "line feed"
            case 0x0D: "carriage return"
            case 0x85: "next line"
            case 0x00...0x1F, 0x7F...0x9F: "control character"
            default: scalar.properties.name?.lowercased() ?? "unnamed"
            }
        return "\(scalar.code) (\(name))"
    }
}
