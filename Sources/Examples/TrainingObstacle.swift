/// Why nothing can be learnt from a list of examples, whatever the recipe.
public enum TrainingObstacle: Sendable, Equatable, CustomStringConvertible {
    /// There are none.
    case noExamples
    /// All have the same label.
    case oneLabel
    /// So many texts have several labels, and fewer than two labels have a text of their own.
    case contradictory(texts: Int)

    /// A clause that says what is wrong and what to do.
    public var description: String {
        switch self {
        case .noExamples: "there are none; give at least one row for each of two labels"
        case .oneLabel: "all of them have the same label; give rows of at least two labels"
        case .contradictory(let texts):
            "the same texts have different labels (\(texts) do), and fewer than two labels have a "
                + "text of their own; correct the labels"
        }
    }
}

extension ExampleSet {
    /// What keeps every recipe from learning from examples; nil if nothing does.
    ///
    /// Texts are compared as they are. A recipe may find more, because it compares their words.
    /// Texts of none of the labels count for nothing.
    public static func obstacle(to rows: [Example]) -> TrainingObstacle? {
        let examples = parted(rows).labelled
        guard let first = examples.first else { return .noExamples }
        guard examples.contains(where: { $0.label != first.label }) else { return .oneLabel }
        var labels: [String: String] = [:]
        var contradictory: Set<String> = []
        for example in examples {
            let before = labels.updateValue(example.label, forKey: example.text)
            if let before, before != example.label { contradictory.insert(example.text) }
        }
        guard !contradictory.isEmpty else { return nil }
        let clear = Set(labels.filter { !contradictory.contains($0.key) }.values)
        return clear.count < 2 ? .contradictory(texts: contradictory.count) : nil
    }
}
