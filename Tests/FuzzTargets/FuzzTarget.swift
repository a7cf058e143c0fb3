/// What reads bytes that a stranger may have written.
///
/// `scripts/fuzz` makes such bytes up; the tests replay those that once led somewhere new.
public enum FuzzTarget: String, CaseIterable, Sendable {
    /// The parser of JSON documents.
    case json
    /// Tokenizers and the forms of texts and labels.
    case tokenizer
    /// The loader of checkpoints.
    case checkpoint
    /// The readers of labelled rows, in each format.
    case rows
    /// The body of `POST /classify`.
    case classify
    /// Whole requests, from the target to the body, to every operation.
    case router
    /// The bytes on a connection: the guard of heads and the framing of bodies.
    case framing

    /// Makes what is fed.
    ///
    /// - Returns: takes any bytes and returns what is wrong with how they were taken; nil if they
    ///   were read or refused as they should be. A crash says more.
    /// - Throws: what keeps a service or a server from starting.
    public func subject() throws -> ([UInt8]) -> String? {
        switch self {
        case .json: return findingInJSON
        case .tokenizer: return findingInText
        case .checkpoint: return findingInCheckpoint
        case .rows: return findingInRows
        case .classify:
            let service = try FuzzService()
            return { service.findingInClassification($0) }
        case .router:
            let service = try FuzzService()
            return { service.findingInRequest($0) }
        case .framing:
            let server = try FuzzServer()
            return { server.finding(in: $0) }
        }
    }
}
