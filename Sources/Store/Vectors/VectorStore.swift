/// Word vectors that were brought, by name: each once, for all models that read them.
public protocol VectorStore: Sendable {
    /// Keeps vectors under a name, in place of what it had; they are as old as this.
    ///
    /// - Returns: whether the name is new.
    /// - Throws: an outage.
    @discardableResult
    func putVectors(_ vectors: VectorRecord, bytes: [UInt8]) throws(StoreError) -> Bool

    /// What is told of all vectors, by name.
    func vectorRecords() throws(StoreError) -> [VectorRecord]

    /// What is told of those of a name; nil if there are none.
    func vectorRecord(_ name: String) throws(StoreError) -> VectorRecord?

    /// The bytes that were kept under a name; nil if there are none.
    func vectorBytes(_ name: String) throws(StoreError) -> [UInt8]?

    /// Deletes those of a name; versions that read them have their own copy.
    ///
    /// - Returns: whether they were there.
    /// - Throws: an outage.
    @discardableResult
    func deleteVectors(_ name: String) throws(StoreError) -> Bool
}

/// What is told of word vectors.
public struct VectorRecord: Sendable, Equatable {
    /// The name that they have here.
    public var name: String
    /// The SHA-256 of the file that they came from, in hexadecimal digits.
    public var sha256: String
    /// How many words the file has.
    public var words: Int
    /// How many numbers it gives each.
    public var dimensions: Int
    /// How many words are kept.
    public var keptWords: Int
    /// How many numbers of each are kept.
    public var keptDimensions: Int
    /// The bytes that are kept.
    public var byteCount: Int
    /// Who brought them.
    public var actor: String?
    /// When they came, in milliseconds since 1970; for people.
    public var createdAt: Int

    /// Describes vectors.
    public init(
        name: String,
        sha256: String,
        words: Int,
        dimensions: Int,
        keptWords: Int,
        keptDimensions: Int,
        byteCount: Int,
        actor: String?,
        createdAt: Int = 0
    ) {
        self.name = name
        self.sha256 = sha256
        self.words = words
        self.dimensions = dimensions
        self.keptWords = keptWords
        self.keptDimensions = keptDimensions
        self.byteCount = byteCount
        self.actor = actor
        self.createdAt = createdAt
    }
}
