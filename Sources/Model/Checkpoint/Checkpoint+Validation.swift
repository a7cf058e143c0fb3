extension Checkpoint {
    /// Lengths that a model's name may have, in bytes.
    public static let allowedNameLengths = 1...64
    /// Lengths that a label may have, in bytes.
    public static let allowedLabelLengths = 1...256
    /// Lengths that a word may have, in bytes.
    static let allowedWordLengths = 1...65_536

    /// Whether `name` can name a model: ASCII letters, digits, `.`, `_` and `-`, a letter or digit
    /// first, at most 64 characters, so that it is safe in a path and a URL.
    public static func isValidName(_ name: String) -> Bool {
        guard allowedNameLengths.contains(name.utf8.count), let first = name.utf8.first else {
            return false
        }
        func isAlphanumeric(_ byte: UInt8) -> Bool {
            (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10
        }
        return isAlphanumeric(first)
            && name.utf8.allSatisfy { isAlphanumeric($0) || [0x2D, 0x2E, 0x5F].contains($0) }
    }

    /// Checks that the parts fit each other, in the order in which a file lists them.
    ///
    /// - Complexity: O(parameters).
    public func validate(source: String) throws(CheckpointError) {
        func fail(_ field: String, _ problem: CheckpointError.Problem) -> CheckpointError {
            CheckpointError(source: source, field: field, problem: problem)
        }
        guard Checkpoint.isValidName(model) else {
            throw fail(
                "/model",
                .notAllowed(
                    "must be 1 to 64 letters, digits, '.', '_' or '-', a letter or digit first"
                )
            )
        }
        guard Architecture.allowedHiddenSizes.contains(architecture.hiddenSize) else {
            throw fail("/architecture/hidden_size", .notAllowed("must be from 1 to 1024"))
        }
        try validateLabels(source: source)
        let classCount = labels.count
        let count = architecture.parameterCount(
            vocabularySize: vocabulary.count,
            classCount: classCount
        )
        guard let count, count <= Architecture.maximumParameters else {
            throw fail(
                "/architecture",
                .notAllowed(
                    "needs more than \(Architecture.maximumParameters) parameters; lower hidden_size"
                )
            )
        }
        guard temperature.isFinite, (0.01...100).contains(temperature) else {
            throw fail("/calibration/temperature", .notAllowed("must be from 0.01 to 100"))
        }
        let shapes = architecture.tensorShapes(
            vocabularySize: vocabulary.count,
            classCount: classCount
        )
        for (name, shape) in shapes {
            guard let tensor = tensors[name] else { throw fail("/tensors/\(name)", .missing) }
            guard tensor.shape == shape, tensor.values.count == shape.reduce(1, *) else {
                throw fail(
                    "/tensors/\(name)/shape",
                    .wrongShape(expected: shape, found: tensor.shape)
                )
            }
            // A NaN is not inside either.
            let bad = tensor.values.firstIndex { !($0.magnitude <= Checkpoint.maximumWeight) }
            if let bad {
                throw fail(
                    "/tensors/\(name)/values/\(bad)",
                    .badWeight("is \(tensor.values[bad])")
                )
            }
        }
        if let extra = tensors.keys.filter({ key in !shapes.contains { $0.name == key } }).min() {
            throw fail("/tensors/\(extra)", .unknownMember)
        }
    }

    private func validateLabels(source: String) throws(CheckpointError) {
        guard (2...Architecture.maximumLabels).contains(labels.count) else {
            throw CheckpointError(
                source: source,
                field: "/labels",
                problem: .notAllowed("must have from 2 to \(Architecture.maximumLabels) labels")
            )
        }
        var seen: Set<String> = []
        for (index, label) in labels.enumerated() {
            let field = "/labels/\(index)"
            guard Checkpoint.allowedLabelLengths.contains(label.utf8.count) else {
                throw CheckpointError(
                    source: source,
                    field: field,
                    problem: .notAllowed("must be from 1 to 256 bytes long")
                )
            }
            guard seen.insert(label).inserted else {
                throw CheckpointError(
                    source: source,
                    field: field,
                    problem: .repeated("the label \(label.debugDescription)")
                )
            }
        }
    }
}
