internal import JSON
internal import Logging
internal import Memory
internal import Model
internal import Store
internal import Vectors

/// Word vectors that jobs may read: bringing, listing and deleting them.
struct VectorHandlers: Sendable {
    let store: any Store
    let log: Logger

    /// So many names are kept.
    private static let most = 100

    func put(_ request: RequestCopy) throws(ServiceError) -> Answer {
        let name = request.vectors
        guard NameRule.lowerCase.allows(name) else { throw .invalidVectorName }
        let known = try storing { () throws(StoreError) in try store.vectorRecords() }
        guard known.count < Self.most || known.contains(where: { $0.name == name }) else {
            throw .vectorsFull(limit: Self.most)
        }
        // The numbers that are read, and what is made of them.
        let taken = try request.memory.take(2 * request.body.count, for: .work)
        defer { withExtendedLifetime(taken) {} }
        let vectors: WordVectors
        do throws(VectorFileError) { vectors = try Self.read(request.body, name) } catch {
            throw .invalidVectors(error)
        }
        let bytes = vectors.encoded()
        let source = vectors.source
        let record = VectorRecord(
            name: name,
            sha256: source.sha256,
            words: source.words,
            dimensions: source.dimensions,
            keptWords: vectors.count,
            keptDimensions: vectors.dimensions,
            byteCount: bytes.count,
            actor: request.principal.name
        )
        let isNew = try storing { () throws(StoreError) in
            try store.putVectors(record, bytes: bytes)
        }
        log.info("vectors_put", metadata: ["name": "\(name)", "words": "\(vectors.count)"])
        return try answer(name, isNew ? 201 : 200)
    }

    private static func read(
        _ body: [UInt8],
        _ name: String
    ) throws(VectorFileError) -> WordVectors {
        var reader = VectorReader(name: name)
        let result: Result<Void, VectorFileError> = body.withUnsafeBytes { bytes in
            do throws(VectorFileError) { return .success(try reader.take(bytes)) } catch {
                return .failure(error)
            }
        }
        try result.get()
        return try reader.finish()
    }

    func list(_ request: RequestCopy) throws(ServiceError) -> Answer {
        let all = try storing { () throws(StoreError) in try store.vectorRecords() }
        return Answer.json { json in
            json.beginObject()
            json.member("vectors", objects: all) { $1.members(of: $0) }
            json.endObject()
        }
    }

    func show(_ request: RequestCopy) throws(ServiceError) -> Answer {
        try answer(request.vectors, 200)
    }

    func delete(_ request: RequestCopy) throws(ServiceError) -> Answer {
        let name = request.vectors
        let wasThere = try storing { () throws(StoreError) in try store.deleteVectors(name) }
        guard wasThere else { throw .vectorsNotFound }
        log.info("vectors_deleted", metadata: ["name": "\(name)"])
        return Answer.empty(204)
    }

    private func answer(_ name: String, _ status: Int) throws(ServiceError) -> Answer {
        let record = try storing { () throws(StoreError) in try store.vectorRecord(name) }
        guard let record else { throw .vectorsNotFound }
        return Answer.json(status) { json in
            json.beginObject()
            json.members(of: record)
            json.endObject()
        }
    }
}

extension JSONWriter {
    fileprivate mutating func members(of vectors: VectorRecord) {
        member("name", string: vectors.name)
        member("sha256", string: vectors.sha256)
        member("words", int: vectors.words)
        member("dimensions", int: vectors.dimensions)
        member("kept_words", int: vectors.keptWords)
        member("kept_dimensions", int: vectors.keptDimensions)
        member("bytes", int: vectors.byteCount)
        member("actor", string: vectors.actor)
        member("created_at", time: vectors.createdAt)
    }
}
