package import JSON

extension WordVectors {
    /// Reads what `encode` wrote.
    init(_ object: CheckpointObject) throws(CheckpointError) {
        try object.requireMembers(["source", "dimensions", "words", "scales", "values"])
        let source = try object.object("source")
        try source.requireMembers(["name", "sha256", "words", "dimensions"])
        let dimensions = try object.int("dimensions", in: WordVectors.allowedDimensions)
        let words = try object.strings("words")
        let field = try object.field("words")
        guard WordVectors.allowedCounts.contains(words.count) else {
            throw field.error(
                .notAllowed("must have from 1 to \(WordVectors.allowedCounts.upperBound) words")
            )
        }
        let scales = try Checkpoint.weights(try object.field("scales"), of: [words.count])
        let values = try Checkpoint.weights(
            try object.field("values"),
            of: [words.count, dimensions]
        )
        // A NaN is not inside a range either.
        guard scales.allSatisfy({ (0...Checkpoint.maximumWeight).contains($0) }) else {
            throw try object.field("scales").error(
                .notAllowed("must have numbers from 0 to \(Int(Checkpoint.maximumWeight))")
            )
        }
        guard values.allSatisfy({ (-127...127).contains($0) && $0 == $0.rounded() }) else {
            throw try object.field("values").error(
                .notAllowed("must have whole numbers from -127 to 127")
            )
        }
        let vectors = WordVectors(
            source: Source(
                name: try source.string("name"),
                sha256: try source.digest("sha256"),
                words: try source.int("words", in: 1...Int.max),
                dimensions: try source.int("dimensions", in: 1...Int.max)
            ),
            words: words,
            values: values.map { Int8($0) },
            scales: scales
        )
        guard let vectors else { throw field.error(.repeated("a word")) }
        self = vectors
    }

    /// Reads vectors that `encoded` wrote, with the checks of a checkpoint.
    ///
    /// - Parameters:
    ///   - bytes: one JSON document.
    ///   - source: its name, for errors.
    /// - Throws: `CheckpointError`, naming source and field.
    public init(parsing bytes: [UInt8], source: String) throws(CheckpointError) {
        let result: Result<WordVectors, CheckpointError> = bytes.withUnsafeBytes { buffer in
            do throws(CheckpointError) {
                let root: JSONValue
                do { root = try JSONParser().parse(buffer) } catch {
                    throw CheckpointError(source: source, problem: .notJSON("\(error)"))
                }
                let field = CheckpointField(value: root, source: source, pointer: "")
                return .success(try WordVectors(try CheckpointObject(field)))
            } catch {
                return .failure(error)
            }
        }
        self = try result.get()
    }

    /// One JSON document, for a store.
    public func encoded() -> [UInt8] {
        var writer = JSONWriter()
        encode(to: &writer)
        return writer.finish()
    }

    /// Writes the vectors, one word a line.
    func encode(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("source")
        source.encode(to: &writer)
        writer.member("dimensions", int: dimensions)
        writer.key("words")
        writer.lines(of: words)
        writer.key("scales")
        writer.beginArray()
        for scale in rowScales { writer.float(scale) }
        writer.endArray()
        writer.key("values")
        writer.beginArray()
        for (index, value) in integers.enumerated() {
            if index % dimensions == 0 { writer.newline() }
            writer.int(Int(value))
        }
        writer.endArray()
        writer.endObject()
    }
}

extension WordVectors.Source {
    /// Writes name, digest and sizes as an object.
    package func encode(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", string: name)
        writer.member("sha256", string: sha256)
        writer.member("words", int: words)
        writer.member("dimensions", int: dimensions)
        writer.endObject()
    }
}
