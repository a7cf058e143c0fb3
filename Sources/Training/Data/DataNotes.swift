internal import Evaluation
internal import Examples
internal import Model

/// What a person should know of the rows before training, though it is no error.
public struct DataNotes {
    /// One sentence each; empty if there is nothing to say.
    public let lines: [String]

    /// Looks at the rows of `plan`.
    public init(_ plan: TrainingPlan) {
        var lines: [String] = []
        let (all, texts) = (plan.rows.all.examples, plan.rows.all.texts)
        var labels: [ArraySlice<Int32>: Set<String>] = [:]
        for row in plan.rows.training { labels[texts[row], default: []].insert(all[row].label) }
        let contradictory = labels.values.filter { $0.count > 1 }.count
        if contradictory > 0 {
            lines.append("\(contradictory) texts occur with different labels")
        }
        for (name, part) in [
            ("development", plan.rows.development), ("test", plan.rows.test),
        ] {
            let known = part.count { labels[texts[$0]] != nil }
            if known > 0 {
                lines.append(
                    "\(known) of \(part.count) \(name) texts are among the training texts, "
                        + "so their score says less"
                )
            }
        }
        if DataNotes.isSorted(plan.examples) {
            lines.append(
                "the rows are sorted by label; the article's recipe learns in the order of the "
                    + "rows, so shuffle them"
            )
        }
        self.lines = lines
    }

    /// Whether each of the labels stands in one block of several rows.
    private static func isSorted(_ examples: [Example]) -> Bool {
        let count = Set(examples.map(\.label)).count
        let changes = zip(examples, examples.dropFirst()).filter { $0.label != $1.label }.count
        return examples.count >= 4 * count && changes == count - 1
    }
}
