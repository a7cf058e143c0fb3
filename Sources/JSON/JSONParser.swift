internal import CJSON

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

    private let handle: OpaquePointer
    /// Where the parser in C describes its current document.
    let document: UnsafePointer<cjson_document>

    /// Makes a parser with empty buffers.
    ///
    /// - Parameters:
    ///   - maximumDepth: the most containers that may be open at once.
    ///   - maximumBytes: the most bytes that a document may have, at most 1 GiB.
    public init(maximumDepth: Int = 32, maximumBytes: Int = 1 << 28) {
        precondition((1...1024).contains(maximumDepth), "the depth limit must be 1 to 1024")
        precondition((1...(1 << 30)).contains(maximumBytes), "a document may have up to 1 GiB")
        guard let handle = cjson_create(maximumDepth) else { fatalError("out of memory") }
        self.handle = handle
        self.document = cjson_document_of(handle)
        self.maximumDepth = maximumDepth
        self.maximumBytes = maximumBytes
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
        switch cjson_parse(handle, bytes.baseAddress, bytes.count) {
        case CJSON_OK:
            return root
        case CJSON_NO_MEMORY:
            // As Swift does for its own allocations.
            fatalError("out of memory for a JSON document of \(bytes.count) bytes")
        case CJSON_DUPLICATE_KEY:
            throw .duplicateKey(pointer: root.pointer(toKeyAt: Int(document.pointee.duplicate)))
        default:
            var diagnosis = JSONDiagnosis(bytes: bytes, maximumDepth: maximumDepth)
            throw diagnosis.run()
        }
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
