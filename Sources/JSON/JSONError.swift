/// Why bytes are not one strict JSON document.
///
/// The description is one sentence that is safe to show to a client: it holds positions, limits
/// and (for a duplicate) the client's own key, shortened; never a value.
public enum JSONError: Error, Equatable, Sendable, CustomStringConvertible {
    /// There are no bytes, or only white space.
    case empty
    /// More bytes than the parser takes.
    case tooLarge(limit: Int)
    /// There is no memory to parse it now; the bytes that it takes at most.
    case outOfMemory(needed: Int)
    /// The text starts with a UTF-8, UTF-16 or UTF-32 byte-order mark.
    case byteOrderMark
    /// The byte at `offset` starts no UTF-8 sequence.
    case notUTF8(offset: Int)
    /// The container that opens at `offset` is nested deeper than `limit`.
    case tooDeep(limit: Int, offset: Int)
    /// The grammar is broken at `offset`.
    case syntax(offset: Int, problem: String)
    /// One complete document ends before `offset`, and something other than white space follows.
    case trailingBytes(offset: Int)
    /// The number at `offset` is no 64-bit integer, or too large for a double.
    case numberOutOfRange(offset: Int)
    /// An object has this member twice; a JSON pointer (RFC 6901).
    case duplicateKey(pointer: String)

    /// One sentence that says what is wrong and where.
    public var description: String {
        switch self {
        case .empty:
            "The JSON document is empty."
        case .tooLarge(let limit):
            "The JSON document is larger than \(limit) bytes."
        case .outOfMemory(let needed):
            "There is no memory for the JSON document now; it takes up to \(needed) bytes."
        case .byteOrderMark:
            "The JSON document starts with a byte-order mark; send plain UTF-8."
        case .notUTF8(let offset):
            "The JSON document is not valid UTF-8 at byte \(offset)."
        case .tooDeep(let limit, let offset):
            "The JSON document is nested deeper than \(limit) levels at byte \(offset)."
        case .syntax(let offset, let problem):
            "The JSON document is malformed at byte \(offset): \(problem)."
        case .trailingBytes(let offset):
            "The JSON document ends before byte \(offset), but more follows."
        case .numberOutOfRange(let offset):
            "The number at byte \(offset) is out of range: "
                + "integers have at most 64 bits, other numbers must fit a double."
        case .duplicateKey(let pointer):
            "The JSON document has the member \(pointer) twice."
        }
    }
}
