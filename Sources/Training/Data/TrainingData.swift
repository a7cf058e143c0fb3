internal import Evaluation
internal import Examples
internal import Model
private import TextForm

/// The rows of a plan as the network sees them.
struct TrainingData {
    let labels: [String]
    let tokenizer: Tokenizer
    let vocabulary: Vocabulary
    let training: EncodedExamples
    let development: EncodedExamples?
    /// All rows of the plan in their order, behind them the texts without labels that are looked
    /// at.
    let texts: TokenizedTexts
    /// The target of each: the index of its label, or of its set of labels.
    let labelOfRow: [Int]
    /// Where the texts without labels stand.
    var unlabelled: Range<Int> { labelOfRow.count..<texts.count }
    /// What each is sorted by when rows are parted.
    let strata: [Int]
    /// The end of a network for these rows; of several labels it knows their sets.
    let head: Head

    /// What the outputs of a network for these rows mean.
    var output: OutputKind {
        if case .sigmoid = head { .multi } else { .oneLabel }
    }

    /// Checks and encodes the rows of `plan`.
    init(_ plan: TrainingPlan) throws(TrainingError) {
        let rows = plan.rows
        texts = UnlabelledTexts(plan).joined(to: rows.all.texts)
        tokenizer = texts.tokenizer
        // Sorted, so that the order of the outputs does not depend on the order of the rows.
        let examples = rows.all.examples[rows.training]
        if ExampleSet.hasSets(examples) {
            labels = Set(examples.lazy.flatMap(\.labelSet.labels)).sorted()
            try TrainingData.check(labels, model: plan.model, sets: Set(examples.map(\.labelSet)))
            let targets = try TrainingData.setOfRow(rows, labels)
            (labelOfRow, head) = (targets.setOfRow, .sigmoid(targets.sets))
            strata = ExampleSet.strata(of: rows.all.examples)
        } else {
            labels = Set(examples.lazy.map(\.label)).sorted()
            try TrainingData.check(labels, model: plan.model)
            labelOfRow = try TrainingData.labelOfRow(rows, labels)
            (strata, head) = (labelOfRow, .softmax)
        }
        vocabulary = WordList.vocabulary(of: texts, rows: rows.training)
        let encoder = TextEncoder(texts, vocabulary: vocabulary)
        training = encoder.encoded(rows.training, labels: labelOfRow)
        try TrainingData.checkContradictions(training)
        development =
            rows.development.isEmpty
            ? nil : encoder.encoded(rows.development, labels: labelOfRow)
    }

    /// The index of each row's label.
    ///
    /// A bad row is reported before the training, not after it.
    private static func labelOfRow(
        _ rows: TrainingRows,
        _ labels: [String]
    ) throws(TrainingError) -> [Int] {
        let indices = Dictionary(uniqueKeysWithValues: zip(labels, labels.indices))
        var labelOfRow: [Int] = []
        labelOfRow.reserveCapacity(rows.all.examples.count)
        for (part, numbers) in [
            ("training", rows.training), ("development", rows.development), ("test", rows.test),
        ] {
            for row in numbers {
                let label = rows.all.examples[row].asOneLabel.label
                guard let index = indices[label] else {
                    throw .unknownLabel(
                        part: part,
                        row: row - numbers.lowerBound + 1,
                        label: LabelSet.shown(label)
                    )
                }
                labelOfRow.append(index)
            }
        }
        return labelOfRow
    }

    /// The index of each row's set of labels, and the sets in the order in which they appear.
    private static func setOfRow(
        _ rows: TrainingRows,
        _ labels: [String]
    ) throws(TrainingError) -> (setOfRow: [Int], sets: TargetSets) {
        let indices = Dictionary(uniqueKeysWithValues: zip(labels, labels.indices))
        var places: [LabelSet: Int] = [:]
        var sets: [[Int]] = []
        var setOfRow: [Int] = []
        for (part, numbers) in [
            ("training", rows.training), ("development", rows.development), ("test", rows.test),
        ] {
            for row in numbers {
                let set = rows.all.examples[row].labelSet
                if places[set] == nil {
                    places[set] = sets.count
                    sets.append(set.labels.compactMap { indices[$0] }.sorted())
                    if let label = set.labels.first(where: { indices[$0] == nil }) {
                        throw .unknownLabel(
                            part: part,
                            row: row - numbers.lowerBound + 1,
                            label: label
                        )
                    }
                }
                setOfRow.append(places[set, default: 0])
            }
        }
        return (setOfRow, TargetSets(sets))
    }

    /// Whether there are so few rows of so few words that their order may be all there is to learn:
    /// the kind of data that the article has.
    var isTiny: Bool {
        TrainingData.isTiny(rows: training.count, words: vocabulary.count)
    }

    static func isTiny(rows: Int, words: Int) -> Bool { rows <= 200 && words <= 64 }

    /// How many rows to learn from each label has.
    var labelRows: [Int] {
        var rows = [Int](repeating: 0, count: labels.count)
        for target in training.labels { for label in head.labels(of: target) { rows[label] += 1 } }
        return rows
    }

    /// Refuses an architecture with more weights than a checkpoint may have.
    func checkParameters(_ architecture: Architecture) throws(TrainingError) {
        let parameters = architecture.parameterCount(
            vocabularySize: vocabulary.count,
            classCount: labels.count
        )
        guard let parameters, parameters <= Architecture.maximumParameters else {
            throw .tooManyParameters(
                words: vocabulary.count,
                hidden: architecture.hiddenSize,
                limit: Architecture.maximumParameters
            )
        }
    }

    private static func check(
        _ labels: [String],
        model: String,
        sets: Set<LabelSet>? = nil
    ) throws(TrainingError) {
        guard NameRule.anyCase.allows(model) else {
            throw .notAllowed(
                "the model's name \"\(model)\" must be 1 to 64 letters, digits, '.', '_' or '-', "
                    + "a letter or digit first"
            )
        }
        guard let first = labels.first else { throw sets == nil ? .noExamples : .noLabels }
        if let sets, let only = sets.first {
            guard sets.count > 1 else { throw .oneLabel(LabelSet.shown(only.stored)) }
        } else {
            guard labels.count > 1 else { throw .oneLabel(first) }
        }
        guard labels.count <= Architecture.maximumLabels else {
            throw .tooManyLabels(count: labels.count, limit: Architecture.maximumLabels)
        }
        for label in labels {
            do throws(TextFormError) { try LabelRule().requireForm(label) } catch {
                throw .notAllowed("the label that begins \"\(label.prefix(20))\" \(error)")
            }
        }
    }

    /// Some noise is normal; rows in which fewer than two labels have a text of their own teach
    /// nothing.
    private static func checkContradictions(_ texts: EncodedExamples) throws(TrainingError) {
        var labelOfText: [ArraySlice<UInt32>: Int] = [:]
        var contradictory: Set<ArraySlice<UInt32>> = []
        for index in 0..<texts.count {
            let text = texts.words[texts.range(index)]
            let label = labelOfText.updateValue(texts.labels[index], forKey: text)
            if let label, label != texts.labels[index] { contradictory.insert(text) }
        }
        let clear = Set(labelOfText.filter { !contradictory.contains($0.key) }.values)
        if clear.count < 2 { throw .contradictory(texts: contradictory.count) }
    }
}
