/// What a client called a request, so that the same request that comes again is not done again.
public struct IdempotencyKey: Sendable, Hashable {
    /// Whose keys these are, and for which kind of request; equal keys of different scopes do not
    /// meet.
    public var scope: String
    /// The client's key.
    public var key: String
    /// The digest of the request; the same key with another request is refused.
    public var requestDigest: String

    /// Makes a key.
    public init(scope: String, key: String, requestDigest: String) {
        self.scope = scope
        self.key = key
        self.requestDigest = requestDigest
    }
}
