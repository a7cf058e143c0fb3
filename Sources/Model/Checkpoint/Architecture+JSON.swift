package import JSON

extension Architecture {
    /// Reads `network` and the sizes that it has.
    init(_ object: CheckpointObject, classCount: Int) throws(CheckpointError) {
        let name = try object.field("network")
        switch try name.string() {
        case "article":
            try object.requireMembers(["network", "cell", "hidden_size"])
            let cell = try object.field("cell")
            guard try cell.string() == CellKind.elman.rawValue else {
                throw cell.error(.notAllowed("must be \"elman\", the article's cell"))
            }
            self.init(
                hiddenSize: try object.int("hidden_size", in: Architecture.allowedHiddenSizes)
            )
        case "mixed":
            let (isMulti, hasVectors) = (object.has("output"), object.has("vectors"))
            try object.requireMembers(
                ["network", "recurrent", "features"] + (isMulti ? ["output"] : [])
                    + (hasVectors ? ["vectors"] : [])
            )
            let vectorSize =
                hasVectors ? try object.int("vectors", in: WordVectors.allowedDimensions) : 0
            let field = try object.field("recurrent")
            var recurrent: RecurrentShape?
            if !field.value.isNull {
                recurrent = try RecurrentShape(try CheckpointObject(field), classCount: classCount)
                recurrent?.vectorSize = vectorSize
            }
            self.init(
                network: .mixed(
                    MixedShape(
                        recurrent: recurrent,
                        featureCount: try object.int(
                            "features",
                            in: 0...Architecture.maximumParameters
                        ),
                        vectorSize: vectorSize
                    )
                ),
                output: isMulti ? try Architecture.output(object) : .oneLabel
            )
        default:
            throw name.error(.notAllowed("must be one of: article, mixed"))
        }
    }

    private static func output(_ object: CheckpointObject) throws(CheckpointError) -> OutputKind {
        let field = try object.field("output")
        guard try field.string() == OutputKind.multi.rawValue else {
            throw field.error(.notAllowed("must be \"multi\", or left out for one label a text"))
        }
        return .multi
    }

    /// Writes what `init` reads.
    package func encode(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("network")
        switch network {
        case .article(let hiddenSize):
            writer.string("article")
            writer.member("cell", string: CellKind.elman.rawValue)
            writer.member("hidden_size", int: hiddenSize)
        case .mixed(let shape):
            writer.string("mixed")
            writer.key("recurrent")
            if let recurrent = shape.recurrent {
                recurrent.encode(to: &writer)
            } else {
                writer.null()
            }
            writer.member("features", int: shape.featureCount)
            if output == .multi { writer.member("output", string: output.rawValue) }
            if shape.vectorSize > 0 { writer.member("vectors", int: shape.vectorSize) }
        }
        writer.endObject()
    }
}

extension RecurrentShape {
    private static let members = [
        "cell", "directions", "input_size", "hidden_size", "pooling", "output_hidden_size",
        "words", "subwords",
    ]

    init(_ object: CheckpointObject, classCount: Int) throws(CheckpointError) {
        try object.requireMembers(RecurrentShape.members)
        let cell = try object.field("cell")
        var kind: CellKind?
        if !cell.value.isNull {
            kind = try RecurrentShape.named(cell)
        }
        var pooling: [Pooling] = []
        for element in try object.array("pooling") {
            let part: Pooling = try RecurrentShape.named(element)
            guard !pooling.contains(part) else { throw element.error(.repeated("a pooling")) }
            guard kind != nil || part == .inputs else {
                throw element.error(.notAllowed("needs a cell"))
            }
            pooling.append(part)
        }
        guard !pooling.isEmpty else {
            throw try object.field("pooling").error(.notAllowed("must not be empty"))
        }
        let sizes = Architecture.allowedHiddenSizes
        let rows = Architecture.maximumParameters
        self.init(
            cell: kind,
            directions: try object.int("directions", in: 1...2),
            inputSize: try object.int("input_size", in: sizes),
            hiddenSize: try object.int("hidden_size", in: sizes),
            pooling: pooling,
            outputHiddenSize: try object.int("output_hidden_size", in: 0...sizes.upperBound),
            classCount: classCount,
            wordCount: try object.int("words", in: 1...rows),
            subwordCount: try object.int("subwords", in: 0...rows)
        )
    }

    func encode(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("cell")
        if let cell { writer.string(cell.rawValue) } else { writer.null() }
        writer.member("directions", int: directions)
        writer.member("input_size", int: inputSize)
        writer.member("hidden_size", int: hiddenSize)
        writer.member("pooling", array: pooling) { part, writer in writer.string(part.rawValue) }
        writer.member("output_hidden_size", int: outputHiddenSize)
        writer.member("words", int: wordCount)
        writer.member("subwords", int: subwordCount)
        writer.endObject()
    }

    private static func named<Name: RawRepresentable & CaseIterable>(
        _ field: CheckpointField
    ) throws(CheckpointError) -> Name where Name.RawValue == String {
        guard let value = Name(rawValue: try field.string()) else {
            let names = Name.allCases.map(\.rawValue).joined(separator: ", ")
            throw field.error(.notAllowed("must be one of: \(names)"))
        }
        return value
    }
}
