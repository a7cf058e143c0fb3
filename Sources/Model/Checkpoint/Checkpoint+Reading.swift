internal import Digest
internal import JSON
private import TextForm

extension Checkpoint {
    /// Reads a checkpoint from the bytes of a file and checks everything that can be checked.
    ///
    /// The digest is compared last, so that a damaged or edited field is named by what is wrong
    /// with it where possible.
    ///
    /// - Parameters:
    ///   - bytes: the file.
    ///   - source: its name, for errors.
    /// - Throws: `CheckpointError`, naming source and field.
    /// - Complexity: O(bytes); allocates at most twice the size of the file.
    public init(
        parsing bytes: UnsafeRawBufferPointer,
        source: String
    ) throws(CheckpointError) {
        guard bytes.count <= CheckpointFile.maximumBytes else {
            throw CheckpointError(
                source: source,
                problem: .tooLarge(limit: CheckpointFile.maximumBytes)
            )
        }
        let root: JSONValue
        do {
            root = try JSONParser().parse(bytes)
        } catch {
            throw CheckpointError(source: source, problem: .notJSON("\(error)"))
        }
        let object = try CheckpointObject(
            CheckpointField(value: root, source: source, pointer: "")
        )
        try Checkpoint.checkFormat(object)
        self = try Checkpoint(object)
        try validate(source: source)
        try Checkpoint.checkDigest(of: bytes, source: source)
    }

    /// Reads a checkpoint from the bytes of a file and checks everything that can be checked.
    ///
    /// - Throws: `CheckpointError`, naming source and field.
    public init(parsing bytes: [UInt8], source: String) throws(CheckpointError) {
        let result: Result<Checkpoint, CheckpointError> = bytes.withUnsafeBytes { buffer in
            do throws(CheckpointError) {
                return .success(try Checkpoint(parsing: buffer, source: source))
            } catch {
                return .failure(error)
            }
        }
        self = try result.get()
    }

    /// Reads and checks the checkpoint file at `path`.
    ///
    /// - Throws: `CheckpointError`, naming path and field.
    public init(contentsOf path: String) throws(CheckpointError) {
        try self.init(parsing: try CheckpointFile.read(path), source: path)
    }

    /// A newer format may have other members, so its version is looked at before them.
    private static func checkFormat(_ object: CheckpointObject) throws(CheckpointError) {
        let format = try object.field("format")
        guard try format.string() == Checkpoint.format else {
            throw format.error(.notAllowed("must be \"\(Checkpoint.format)\""))
        }
        let version = try object.field("format_version")
        let found = try version.int(in: 1...Int.max)
        guard found <= formatVersion else {
            throw version.error(.newerVersion(found: found, supported: formatVersion))
        }
    }

    private init(_ object: CheckpointObject) throws(CheckpointError) {
        let model = try object.string("model")
        // What has no form stays as it is, for `validateSizes` to refuse with its place.
        let labels = try object.strings("labels").map { (try? LabelRule().label($0)) ?? $0 }
        let architecture = try Architecture(
            try object.object("architecture"),
            classCount: labels.count
        )
        var (isMixed, hasVectors) = (false, false)
        if case .mixed(let shape) = architecture.network {
            (isMixed, hasVectors) = (true, shape.vectorSize > 0)
        }
        try object.requireMembers(
            [
                "format", "format_version", "model", "architecture", "labels", "tokenizer",
                "vocabulary", "calibration", "training", "tensors", "sha256",
            ] + (isMixed ? ["features"] : []) + (hasVectors ? ["vectors"] : [])
        )
        let tokenizer = try Checkpoint.tokenizer(try object.object("tokenizer"))
        let vocabulary = try Checkpoint.vocabulary(object)
        let calibration = try object.object("calibration")
        let isMulti = architecture.output == .multi
        try calibration.requireMembers(
            ["recurrent", "linear"] + (isMulti ? ["bias", "thresholds"] : [])
        )
        let training = try TrainingRecord(try object.object("training"))
        self.init(
            model: model,
            architecture: architecture,
            labels: labels,
            vocabulary: vocabulary,
            tokenizer: tokenizer,
            features: isMixed
                ? try FeatureLists(try object.object("features"), vocabulary: vocabulary) : nil,
            vectors: hasVectors ? try WordVectors(try object.object("vectors")) : nil,
            calibration: Calibration(
                recurrent: try calibration.double("recurrent", in: Calibration.allowedWeights),
                linear: try calibration.double("linear", in: Calibration.allowedWeights),
                bias: isMulti
                    ? try calibration.doubles("bias", in: Calibration.allowedBiases) : [],
                thresholds: isMulti ? try calibration.doubles("thresholds", in: 0...1) : []
            ),
            training: training,
            tensors: [:]
        )
        self.training.vectors = vectors?.source
        try validateSizes(source: try object.field("model").source)
        tensors = try readTensors(try object.object("tensors"))
        _ = try object.digest("sha256")
    }

    private static func tokenizer(
        _ object: CheckpointObject
    ) throws(CheckpointError) -> Tokenizer {
        try object.requireMembers(["kind", "maximum_tokens"])
        let field = try object.field("kind")
        guard let kind = Tokenizer.Kind(rawValue: try field.string()) else {
            let names = Tokenizer.Kind.allCases.map { "\"\($0.rawValue)\"" }
            throw field.error(.notAllowed("must be \(names.joined(separator: " or "))"))
        }
        return Tokenizer(
            kind,
            maximumTokens: try object.int("maximum_tokens", in: Tokenizer.allowedMaximumTokens)
        )
    }

    private static func vocabulary(
        _ object: CheckpointObject
    ) throws(CheckpointError) -> Vocabulary {
        let field = try object.field("vocabulary")
        func fail(_ index: Int, _ problem: CheckpointError.Problem) -> CheckpointError {
            CheckpointError(
                source: field.source,
                field: "\(field.pointer)/\(index)",
                problem: problem
            )
        }
        do {
            return try Vocabulary(words: try object.strings("vocabulary"))
        } catch let error as VocabularyError {
            switch error {
            case .firstIsNotUnknown:
                throw fail(0, .notAllowed("must be \"\(Vocabulary.unknownWord)\""))
            case .emptyWord(let index):
                throw fail(index, .notAllowed("must not be empty"))
            case .repeatedWord(let index, let word):
                throw fail(index, .repeated("the word \(word.debugDescription)"))
            }
        } catch let error as CheckpointError {
            throw error
        } catch {
            preconditionFailure("No other error is thrown: \(error)")
        }
    }

    /// Reads the tensors of the architecture, each only after its shape has been compared.
    private func readTensors(
        _ object: CheckpointObject
    ) throws(CheckpointError) -> [String: Tensor] {
        let shapes = architecture.tensorShapes(
            vocabularySize: vocabulary.count,
            classCount: labels.count
        )
        try object.requireMembers(shapes.map(\.name))
        var tensors: [String: Tensor] = [:]
        for (name, shape) in shapes {
            let tensor = try object.object(name)
            let isScaled = tensor.has("scale")
            try tensor.requireMembers(["shape", "values"] + (isScaled ? ["scale"] : []))
            var found: [Int] = []
            for extent in try tensor.array("shape") {
                found.append(try extent.int(in: 0...Int.max))
            }
            guard found == shape else {
                throw try tensor.field("shape").error(.wrongShape(expected: shape, found: found))
            }
            var values = try Checkpoint.weights(try tensor.field("values"), of: shape)
            guard isScaled else {
                tensors[name] = Tensor(shape: shape, values: values)
                continue
            }
            let scale = Float(try tensor.double("scale", in: Tensor.allowedScales))
            if let bad = values.firstIndex(where: { $0 != $0.rounded(.towardZero) }) {
                throw CheckpointError(
                    source: try tensor.field("values").source,
                    field: "/tensors/\(name)/values/\(bad)",
                    problem: .badWeight("must be a whole number where the tensor has a scale")
                )
            }
            for index in values.indices { values[index] *= scale }
            tensors[name] = Tensor(shape: shape, values: values, scale: scale)
        }
        return tensors
    }
}
