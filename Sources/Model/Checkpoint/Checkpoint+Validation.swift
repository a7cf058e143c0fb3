private import TextForm

extension Checkpoint {
    /// Checks that the parts fit each other, in the order in which a file lists them.
    ///
    /// - Parameter source: what the checkpoint came from, for errors.
    /// - Throws: `CheckpointError`, naming source and field.
    /// - Complexity: O(parameters).
    public func validate(source: String) throws(CheckpointError) {
        try validateSizes(source: source)
        let shapes = architecture.tensorShapes(
            vocabularySize: vocabulary.count,
            classCount: labels.count
        )
        for (name, shape) in shapes {
            let field = "/tensors/\(name)"
            guard let tensor = tensors[name] else {
                throw CheckpointError(source: source, field: field, problem: .missing)
            }
            guard tensor.shape == shape, tensor.values.count == shape.reduce(1, *) else {
                throw CheckpointError(
                    source: source,
                    field: "\(field)/shape",
                    problem: .wrongShape(expected: shape, found: tensor.shape)
                )
            }
            // A NaN is not inside the range either.
            let bad = tensor.values.firstIndex { !($0.magnitude <= Checkpoint.maximumWeight) }
            if let bad {
                throw CheckpointError(
                    source: source,
                    field: "\(field)/values/\(bad)",
                    problem: .badWeight("is \(tensor.values[bad])")
                )
            }
        }
        let names = shapes.map(\.name)
        if let extra = tensors.keys.filter({ !names.contains($0) }).min() {
            throw CheckpointError(
                source: source,
                field: "/tensors/\(extra)",
                problem: .unknownMember
            )
        }
    }

    /// Checks everything but the tensors, so that their sizes can be trusted when they are read.
    func validateSizes(source: String) throws(CheckpointError) {
        func fail(_ field: String, _ sentence: String) -> CheckpointError {
            CheckpointError(source: source, field: field, problem: .notAllowed(sentence))
        }
        guard NameRule.anyCase.allows(model) else {
            throw fail(
                "/model",
                "must be 1 to 64 letters, digits, '.', '_' or '-', a letter or digit first"
            )
        }
        if case .article(let hiddenSize) = architecture.network {
            guard Architecture.allowedHiddenSizes.contains(hiddenSize) else {
                throw fail("/architecture/hidden_size", "must be from 1 to 1024")
            }
        }
        try validateLabels(source: source)
        try validateLabelRows(source: source)
        let count = architecture.parameterCount(
            vocabularySize: vocabulary.count,
            classCount: labels.count
        )
        guard let count, count <= Architecture.maximumParameters else {
            throw fail(
                "/architecture",
                "needs more than \(Architecture.maximumParameters) parameters; lower hidden_size"
            )
        }
        let weights = [calibration.recurrent, calibration.linear]
        guard weights.allSatisfy(Calibration.allowedWeights.contains),
            weights.contains(where: { $0 > 0 })
        else { throw fail("/calibration", "needs weights from 0 to 100, not both 0") }
        try validateOutput(source: source)
        try validateFeatures(source: source)
        try validateVectors(source: source)
    }

    /// Checks that the word vectors are there that the architecture names, and no others.
    private func validateVectors(source: String) throws(CheckpointError) {
        var expected = 0
        if case .mixed(let shape) = architecture.network { expected = shape.vectorSize }
        guard vectors?.dimensions ?? 0 == expected else {
            throw CheckpointError(
                source: source,
                field: "/architecture/vectors",
                problem: .notAllowed(
                    "is \(expected), but the file has vectors of \(vectors?.dimensions ?? 0)"
                )
            )
        }
    }

    /// Checks that the mixed network's lists have as many entries as its tensors have rows.
    private func validateFeatures(source: String) throws(CheckpointError) {
        guard case .mixed(let shape) = architecture.network, let features else { return }
        let words = vocabulary.count
        for (name, declared, found, mayBeMore) in [
            ("recurrent/words", shape.recurrent?.wordCount, words, true),
            ("recurrent/subwords", shape.recurrent?.subwordCount, features.subwords.count, false),
            ("features", shape.featureCount, features.featureCount, false),
        ] {
            guard let declared, declared > found || (declared < found && !mayBeMore) else {
                continue
            }
            throw CheckpointError(
                source: source,
                field: "/architecture/\(name)",
                problem: .notAllowed("is \(declared), but the file lists \(found)")
            )
        }
    }

    /// Checks what only a model has that gives several labels.
    private func validateOutput(source: String) throws(CheckpointError) {
        func fail(_ field: String, _ sentence: String) -> CheckpointError {
            CheckpointError(source: source, field: field, problem: .notAllowed(sentence))
        }
        let count = architecture.output == .multi ? labels.count : 0
        for (name, values, range) in [
            ("bias", calibration.bias, Calibration.allowedBiases),
            ("thresholds", calibration.thresholds, 0...1),
        ] {
            guard values.count == count, values.allSatisfy(range.contains) else {
                throw fail(
                    "/calibration/\(name)",
                    "must have \(count) numbers from \(range.lowerBound) to \(range.upperBound)"
                )
            }
        }
        if architecture.output == .multi, case .article = architecture.network {
            throw fail("/architecture/output", "is multi, and the article's network has one label")
        }
    }

    private func validateLabelRows(source: String) throws(CheckpointError) {
        guard let rows = training.labelRows else { return }
        guard rows.count == labels.count, rows.contains(where: { $0 > 0 }) else {
            throw CheckpointError(
                source: source,
                field: "/training/label_rows",
                problem: .notAllowed("must have a number for each label, not all of them 0")
            )
        }
    }

    private func validateLabels(source: String) throws(CheckpointError) {
        // A label that a text has or has not is something to tell apart by itself.
        let least = architecture.output == .multi ? 1 : 2
        guard (least...Architecture.maximumLabels).contains(labels.count) else {
            throw CheckpointError(
                source: source,
                field: "/labels",
                problem: .notAllowed(
                    "must have from \(least) to \(Architecture.maximumLabels) labels"
                )
            )
        }
        var seen: Set<String> = []
        for (index, label) in labels.enumerated() {
            let field = "/labels/\(index)"
            do throws(TextFormError) { try LabelRule().requireForm(label) } catch {
                throw CheckpointError(
                    source: source,
                    field: field,
                    problem: .notAllowed(error.description)
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
