import Model

/// A checkpoint with fixed pseudo-random weights: speed does not depend on what they are.
struct SyntheticCheckpoint {
    static let words = ["<unk>"] + (0..<200).map { "word\($0)" }

    let checkpoint: Checkpoint

    init(hiddenSize: Int) {
        let architecture = Architecture(hiddenSize: hiddenSize)
        let shapes = architecture.tensorShapes(
            vocabularySize: SyntheticCheckpoint.words.count,
            classCount: 2
        )
        var state: UInt64 = 1
        var tensors: [String: Tensor] = [:]
        for (name, shape) in shapes {
            let values = (0..<shape.reduce(1, *)).map { _ -> Float in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return (Float(state >> 40) / Float(1 << 24) - 0.5) * 0.4
            }
            tensors[name] = Tensor(shape: shape, values: values)
        }
        let scores = TrainingRecord.Scores(rows: 1, accuracy: 1, macroF1: 1, loss: 0)
        guard let vocabulary = try? Vocabulary(words: SyntheticCheckpoint.words) else {
            preconditionFailure("The words are unique")
        }
        checkpoint = Checkpoint(
            model: "synthetic",
            architecture: architecture,
            labels: ["a", "b"],
            vocabulary: vocabulary,
            training: TrainingRecord(
                rows: 1,
                dataDigest: String(repeating: "0", count: 64),
                options: TrainingOptions(),
                train: scores
            ),
            tensors: tensors
        )
    }
}
