internal import CJSON
public import Memory

/// Reads strict JSON (RFC 8259) and keeps its buffers from document to document.
///
/// Stricter than the grammar asks: no byte-order mark, valid UTF-8 without lone surrogates, no
/// key twice in an object, a depth limit, nothing after the document, no number that would have
/// to be bent to fit. Once it has seen a document of some size, parsing another of at most that
/// size allocates nothing (buffers above 1 MiB are given back at the next small document).
///
/// One thread at a time: keep one for each.
public final class JSONParser {
    /// The most containers that may be open at once.
    public let maximumDepth: Int
    /// The most bytes that a document may have.
    public let maximumBytes: Int

    /// Where memory for documents that are large comes from; nil where nobody counts it.
    private let memory: MemoryBudget?
    /// What the current document has taken of it.
    private var reservation: MemoryReservation?
    private var documentBytes = 0
    private let handle: OpaquePointer
    /// Where the parser in C describes its current document.
    let document: UnsafePointer<cjson_document>

    /// Makes a parser with empty buffers.
    ///
    /// - Parameters:
    ///   - maximumDepth: the most containers that may be open at once.
    ///   - maximumBytes: the most bytes that a document may have, at most 1 GiB.
    ///   - memory: what large documents take memory from; nil where nobody counts it.
    public init(
        maximumDepth: Int = 32,
        maximumBytes: Int = 1 << 28,
        memory: MemoryBudget? = nil
    ) {
        precondition((1...1024).contains(maximumDepth), "the depth limit must be 1 to 1024")
        precondition((1...(1 << 30)).contains(maximumBytes), "a document may have up to 1 GiB")
        guard let handle = cjson_create(maximumDepth) else { fatalError("out of memory") }
        self.handle = handle
        self.document = cjson_document_of(handle)
        self.maximumDepth = maximumDepth
        self.maximumBytes = maximumBytes
        self.memory = memory
    }

    deinit {
        cjson_destroy(handle)
    }

    /// Reads one document and returns its value, which may be used until the next parse.
    ///
    /// The bytes are only read during the call and need no padding.
    ///
    /// - Throws: what is wrong and where; finding that out costs a second pass, O(bytes).
    /// - Complexity: O(bytes).
    public func parse(_ bytes: UnsafeRawBufferPointer) throws(JSONError) -> JSONValue {
        guard bytes.count <= maximumBytes else { throw .tooLarge(limit: maximumBytes) }
        try reserve(for: bytes)
        switch cjson_parse(handle, bytes.baseAddress, bytes.count) {
        case CJSON_OK:
            return root
        case CJSON_NO_MEMORY:
            throw .outOfMemory(needed: Self.bytesNeeded(toParse: bytes))
        case CJSON_DUPLICATE_KEY:
            throw .duplicateKey(pointer: root.pointer(toKeyAt: Int(document.pointee.duplicate)))
        default:
            var diagnosis = JSONDiagnosis(bytes: bytes, maximumDepth: maximumDepth)
            throw diagnosis.run()
        }
    }

    /// Ends the use of the document, and gives back the memory that was counted for it.
    ///
    /// - Returns: false if the buffers are too large to be kept: then let the parser go.
    public func end() -> Bool {
        reservation = nil
        return documentBytes <= Self.keptBytes
    }

    /// Buffers for so large a document are worth keeping.
    private static let keptBytes = 1 << 20

    /// The most memory in bytes that parsing takes, beside the bytes themselves.
    ///
    /// - Complexity: O(bytes), many times as fast as parsing.
    public static func bytesNeeded(toParse bytes: UnsafeRawBufferPointer) -> Int {
        cjson_bytes_needed(bytes.baseAddress, bytes.count)
    }

    /// Takes memory for a document that is large.
    private func reserve(for bytes: UnsafeRawBufferPointer) throws(JSONError) {
        documentBytes = bytes.count
        reservation = nil
        guard let memory, bytes.count > MemoryBudget.smallBytes else { return }
        let needed = Self.bytesNeeded(toParse: bytes)
        reservation = memory.reserve(needed, for: .work)
        if reservation == nil { throw .outOfMemory(needed: needed) }
    }

    /// Reads one document and returns its value, which may be used until the next parse.
    ///
    /// - Throws: what is wrong and where.
    /// - Complexity: O(bytes).
    public func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
        // A closure given to withUnsafeBytes loses the type of the error.
        let result: Result<JSONValue, JSONError> = bytes.withUnsafeBytes { buffer in
            Result { () throws(JSONError) in try parse(buffer) }
        }
        return try result.get()
    }

    /// The value of the current document.
    private var root: JSONValue {
        JSONValue(parser: self, index: 1, generation: document.pointee.generation)
    }
}
