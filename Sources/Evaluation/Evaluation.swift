public import Examples
public import Model

/// How well a model finds the labels of rows.
public struct Evaluation: Sendable, Equatable {
    /// The scores of one label.
    public struct LabelScores: Sendable, Equatable {
        /// The label.
        public var label: String
        /// Of the rows that were given this label, the share that has it; 0 if none was.
        public var precision: Double
        /// Of the rows that have this label, the share that was given it; 0 if none has.
        public var recall: Double
        /// The harmonic mean of precision and recall.
        public var f1: Double
        /// The number of rows that have this label.
        public var rows: Int
    }

    /// The labels in the order of the model.
    public let labels: [String]
    /// How often a row of one label was given another: first index the true label, second the
    /// predicted.
    public let confusion: [[Int]]
    /// The mean cross-entropy, in nats, rounded to six digits; a probability of 0 counts as 1e-38.
    public let loss: Double

    /// How sure the model was of each row, and whether it was right.
    public let confidence: Confidence

    /// What became of each label, where texts may have several; `confusion` is then empty.
    public let sets: SetCounts?

    /// Rows that got a wrong label, the surest first; nil where they were not looked for.
    public var mistakes: [Mistake]?

    /// How rows of none of the labels were told from the others, which alone the figures are about;
    /// nil without any, or with nothing else.
    public var outOfScope: OutOfScopeReport?

    /// Sums up predictions that were already counted.
    ///
    /// - Parameters:
    ///   - labels: the labels in order.
    ///   - confusion: rows by true label, then predicted label.
    ///   - totalLoss: the sum of the cross-entropies of all rows, in nats.
    ///   - confidence: how sure the model was of each row.
    ///   - sets: what became of each label, where texts may have several.
    public init(
        labels: [String],
        confusion: [[Int]],
        totalLoss: Double,
        confidence: Confidence = Confidence(),
        sets: SetCounts? = nil
    ) {
        self.labels = labels
        self.confusion = confusion
        self.confidence = confidence
        self.sets = sets
        let rows = sets?.rows ?? confusion.reduce(0) { $0 + $1.reduce(0, +) }
        loss = rows == 0 ? 0 : rounded(totalLoss / Double(rows))
    }

    /// Predictions while they are counted.
    public struct Counts: Sendable {
        let labels: [String]
        private(set) var confusion: [[Int]]
        private(set) var totalLoss = 0.0
        private(set) var confidence = Confidence()
        private(set) var sets: SetCounts?

        /// Starts with nothing counted; where texts may have several labels, `output` says so.
        public init(labels: [String], output: OutputKind = .oneLabel) {
            self.labels = labels
            confusion =
                output == .multi
                ? [] : labels.map { _ in [Int](repeating: 0, count: labels.count) }
            sets = output == .multi ? SetCounts(labelCount: labels.count) : nil
        }

        /// Adds a row with these labels, the probabilities that a model gives it, and the labels
        /// that it therefore got.
        ///
        /// A row counts as right if it got exactly its labels.
        package mutating func add(truth: [Int], answer: [Int], _ probabilities: ArraySlice<Float>) {
            sets?.add(truth: truth, answer: answer)
            totalLoss += Head.sigmoid(TargetSets([truth]))
                .loss(ofProbabilities: probabilities, label: 0)
            let score = probability(of: answer, probabilities)
            confidence.append(score: score, isRight: truth == answer)
        }

        /// Adds a row with this label and the probabilities that a model gives it.
        public mutating func add(label: Int, _ probabilities: UnsafeBufferPointer<Float>) {
            let best = Head.softmax.decision(probabilities)
            confusion[label][best] += 1
            totalLoss += Head.softmax.loss(ofProbability: probabilities[label])
            confidence.append(
                score: probabilities[best],
                isRight: best == label,
                certainty: TextClassifier.certainty(probabilities)
            )
        }
    }

    /// Sums up.
    public init(_ counts: Counts) {
        self.init(
            labels: counts.labels,
            confusion: counts.confusion,
            totalLoss: counts.totalLoss,
            confidence: counts.confidence,
            sets: counts.sets
        )
    }

    /// Classifies rows and counts.
    ///
    /// - Parameters:
    ///   - classifier: the model.
    ///   - examples: rows with the labels that they should get.
    ///   - mistakeCount: how many mistakes to keep at most; nil for no look at them.
    /// - Throws: `UnknownLabel` for the first row whose label the model does not have.
    public init(
        of classifier: TextClassifier,
        on examples: some Collection<Example>,
        mistakeCount: Int? = nil
    ) throws(UnknownLabel) {
        try self.init(of: classifier, on: examples, mistakeCount) { _, example, scratch in
            var text = example.text
            return text.withUTF8 { classifier.classify(utf8: $0, scratch: scratch) }
        }
    }

    /// Classifies some of `rows`, whose texts are split already, and counts.
    package init(
        of classifier: TextClassifier,
        on rows: TokenizedRows,
        numbers: [Int],
        mistakeCount: Int? = nil
    ) throws(UnknownLabel) {
        let examples = numbers.lazy.map { rows.examples[$0] }
        try self.init(of: classifier, on: examples, mistakeCount) { place, _, scratch in
            classifier.classify(rows.texts, row: numbers[place], scratch: scratch)
        }
    }

    private init(
        of classifier: TextClassifier,
        on examples: some Collection<Example>,
        _ mistakeCount: Int?,
        classify: (Int, Example, ClassifierScratch) -> Prediction
    ) throws(UnknownLabel) {
        let labels = classifier.labels
        let indices = Dictionary(uniqueKeysWithValues: zip(labels, labels.indices))
        var counts = Counts(labels: labels, output: classifier.output)
        let scratch = classifier.makeScratch()
        var wrong: [AnsweredExample] = []
        var strangers: [Float] = []
        for (row, example) in examples.enumerated() {
            if classifier.output == .multi {
                let truth = try Evaluation.truth(of: example, row: row, indices)
                _ = classify(row, example, scratch)
                let answer = classifier.answered(scratch.probabilities)
                counts.add(truth: truth, answer: answer, Array(scratch.probabilities)[...])
                guard mistakeCount != nil, answer != truth else { continue }
                wrong.append(
                    AnsweredExample(
                        text: example.text,
                        truth: truth,
                        answer: answer,
                        labels: labels,
                        scratch.probabilities
                    )
                )
                continue
            }
            if example.isOutOfScope {
                let answer = classify(row, example, scratch)
                strangers.append(classifier.certainty(of: answer, scratch.probabilities))
                continue
            }
            let example = example.asOneLabel
            guard let label = indices[example.label] else {
                throw UnknownLabel(row: row, label: example.label)
            }
            let answer = classify(row, example, scratch)
            counts.add(label: label, scratch.probabilities)
            guard mistakeCount != nil, answer.labelIndex != label else { continue }
            wrong.append(
                AnsweredExample(
                    text: example.text,
                    truth: example.label,
                    label: labels[answer.labelIndex],
                    score: rounded(Double(answer.score)),
                    truthScore: rounded(Double(scratch.probabilities[label]))
                )
            )
        }
        self.init(counts)
        mistakes = mistakeCount.map { Mistake.surest(of: wrong, count: $0) }
        outOfScope = OutOfScopeReport(
            inScope: confidence,
            outOfScope: strangers,
            proposed: classifier.outOfScopeThreshold
        )
    }

    /// The numbers of a row's labels, ascending.
    private static func truth(
        of example: Example,
        row: Int,
        _ indices: [String: Int]
    ) throws(UnknownLabel) -> [Int] {
        var truth: [Int] = []
        for label in example.labelSet.labels {
            guard let index = indices[label] else { throw UnknownLabel(row: row, label: label) }
            truth.append(index)
        }
        return truth.sorted()
    }

    /// A row that cannot be scored: the model has no such label.
    public struct UnknownLabel: Error, Equatable {
        /// The row's place, from 0.
        public let row: Int
        /// Its label.
        public let label: String

        /// Names a row and its label.
        public init(row: Int, label: String) {
            self.row = row
            self.label = LabelSet.shown(label)
        }
    }

    /// The number of rows.
    public var rows: Int { sets?.rows ?? confusion.reduce(0) { $0 + $1.reduce(0, +) } }

    /// The number of rows whose label, or exact set of labels, was found.
    public var right: Int { sets?.exact ?? labels.indices.reduce(0) { $0 + confusion[$1][$1] } }

    /// The share of rows whose label was found, rounded to six digits; 0 without rows.
    public var accuracy: Double { ratio(right, rows) }

    /// The scores of every label, in their order.
    public var labelScores: [LabelScores] {
        if let sets {
            return labels.indices.map { index in
                LabelScores(
                    label: labels[index],
                    precision: ratio(sets.hits[index], sets.answered[index]),
                    recall: ratio(sets.hits[index], sets.actual[index]),
                    f1: ratio(2 * sets.hits[index], sets.actual[index] + sets.answered[index]),
                    rows: sets.actual[index]
                )
            }
        }
        return labels.indices.map { index in
            let hits = confusion[index][index]
            let actual = confusion[index].reduce(0, +)
            let predicted = confusion.reduce(0) { $0 + $1[index] }
            return LabelScores(
                label: labels[index],
                precision: ratio(hits, predicted),
                recall: ratio(hits, actual),
                f1: ratio(2 * hits, actual + predicted),
                rows: actual
            )
        }
    }

    /// The mean F1 of the labels that occur as a true or predicted label, rounded to six digits.
    public var macroF1: Double {
        if let sets { return sets.macroF1 }
        let scores = labels.indices.compactMap { index -> Double? in
            let actual = confusion[index].reduce(0, +)
            let predicted = confusion.reduce(0) { $0 + $1[index] }
            guard actual + predicted > 0 else { return nil }
            return 2 * Double(confusion[index][index]) / Double(actual + predicted)
        }
        return scores.isEmpty ? 0 : rounded(scores.reduce(0, +) / Double(scores.count))
    }

    /// The figures that a checkpoint records.
    public var scores: TrainingRecord.Scores {
        TrainingRecord.Scores(
            rows: rows,
            accuracy: accuracy,
            macroF1: macroF1,
            loss: loss,
            microF1: sets?.microF1
        )
    }
}

/// A share, rounded; 0 of 0 is 0.
private func ratio(_ part: Int, _ whole: Int) -> Double {
    whole == 0 ? 0 : rounded(Double(part) / Double(whole))
}

/// Six digits behind the point: all that rows can tell, and the same on every C library.
package func rounded(_ value: Double) -> Double { (value * 1e6).rounded() / 1e6 }
