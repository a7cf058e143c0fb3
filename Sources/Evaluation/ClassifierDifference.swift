internal import Examples
public import JSON
public import Model

/// Which texts two models answer differently, and by how much.
public struct ClassifierDifference: Sendable, Equatable {
    /// What both models classify.
    public struct Question: Sendable, Equatable {
        /// The text.
        public var text: String
        /// The label that it should get, or what stands for its set, where that is known; nil for a
        /// text of none of the labels.
        public var expected: String?

        /// Asks for a text.
        public init(_ text: String, expected: String? = nil) {
            self.text = text
            // An answer is a label: it cannot be none of them.
            self.expected = expected.flatMap { LabelSet.isOutOfScope($0) ? nil : $0 }
        }
    }

    /// A label, or a set of labels, and its probability.
    public struct Answer: Sendable, Equatable {
        /// The label, or what stands for the set.
        public let label: String
        /// Its probability, from 0 to 1.
        public let score: Float
    }

    /// The answers to one text.
    public struct Row: Sendable, Equatable {
        /// The text's place among those that were given, from 0.
        public let index: Int
        /// The text, and the label that it should get.
        public let question: Question
        /// What the first model says.
        public let before: Answer
        /// What the second model says.
        public let after: Answer
        /// How much probability moved from some labels to others, from 0 to 1: half the sum of the
        /// differences over all labels of either model (the total variation distance); of several
        /// labels the greatest difference of one.
        public let change: Double

        /// Whether the two models give different labels.
        public var isLabelChanged: Bool {
            LabelSet.of(before.label) != LabelSet.of(after.label)
        }

        /// Whether an answer is what the text should get; nil where that is not known.
        public func isRight(_ answer: Answer) -> Bool? {
            question.expected.map { LabelSet.of($0) == LabelSet.of(answer.label) }
        }
    }

    /// The texts that were classified.
    public let count: Int
    /// Those whose label or confidence changes: other labels first, then by falling change.
    public let rows: [Row]

    /// A change of probability below this one is no news.
    public static let leastChange = 0.05

    /// Classifies texts with both models.
    ///
    /// - Parameters:
    ///   - before: the first model.
    ///   - after: the second model; its labels may differ.
    ///   - questions: the texts.
    ///   - leastChange: rows that keep their label are listed from this change on.
    public init(
        from before: TextClassifier,
        to after: TextClassifier,
        on questions: some Collection<Question>,
        leastChange: Double = ClassifierDifference.leastChange
    ) {
        count = questions.count
        let places = Dictionary(uniqueKeysWithValues: zip(before.labels, before.labels.indices))
        let placesBefore = after.labels.map { places[$0] }
        let (first, second) = (before.makeScratch(), after.makeScratch())
        let isMulti = before.output == .multi || after.output == .multi
        let distance = isMulti ? greatestDifference : totalVariation
        let rows = questions.enumerated().map { index, item in
            let old = before.stated(item.text, scratch: first)
            let new = after.stated(item.text, scratch: second)
            return Row(
                index: index,
                question: item,
                before: Answer(label: old.label, score: old.score),
                after: Answer(label: new.label, score: new.score),
                change: distance(first.probabilities, second.probabilities, placesBefore)
            )
        }
        self.rows = rows.filter { $0.isLabelChanged || $0.change >= leastChange }
            .sorted {
                ($0.isLabelChanged ? 1 : 0, $0.change, $1.index)
                    > ($1.isLabelChanged ? 1 : 0, $1.change, $0.index)
            }
    }

    /// The number of texts that get another label.
    public var labelChanges: Int { rows.count(where: \.isLabelChanged) }

    /// The number of texts with a known label that only the second model finds.
    public var fixed: Int {
        rows.count { $0.isRight($0.after) == true && $0.isLabelChanged }
    }

    /// The number of texts with a known label that only the first model finds.
    public var broken: Int {
        rows.count { $0.isRight($0.before) == true && $0.isLabelChanged }
    }

    /// Writes the members into an object that is open: `texts`, `label_changes`, `fixed`, `broken`
    /// and `changes`, an array of objects with `index`, `text`, `expected` (null if not known),
    /// `before` and `after` (each `label` and `score`), and `change`; a set of labels is an array,
    /// called `labels` in an answer.
    ///
    /// - Parameters:
    ///   - writer: where the object is open.
    ///   - limit: the most rows that are written.
    public func encodeMembers(to writer: inout JSONWriter, limit: Int = .max) {
        writer.member("texts", int: count)
        writer.member("label_changes", int: labelChanges)
        writer.member("fixed", int: fixed)
        writer.member("broken", int: broken)
        writer.member("changes", objects: rows.prefix(limit)) { row, writer in
            writer.member("index", int: row.index)
            writer.member("text", string: row.question.text)
            writer.key("expected")
            if let expected = row.question.expected {
                encode(expected, to: &writer)
            } else {
                writer.null()
            }
            for (key, answer) in [("before", row.before), ("after", row.after)] {
                writer.key(key)
                writer.beginObject()
                writer.key(LabelSet.isStored(answer.label) ? "labels" : "label")
                encode(answer.label, to: &writer)
                writer.member("score", float: answer.score)
                writer.endObject()
            }
            writer.member("change", double: row.change)
        }
    }
}

/// Writes a label, or a set of labels as an array.
private func encode(_ label: String, to writer: inout JSONWriter) {
    guard let set = LabelSet(stored: label) else { return writer.string(label) }
    writer.beginArray()
    for label in set.labels { writer.string(label) }
    writer.endArray()
}

/// The greatest difference that one label has, rounded to six digits.
///
/// A label that only one model knows counts as 0 in the other.
private func greatestDifference(
    _ before: UnsafeBufferPointer<Float>,
    _ after: UnsafeBufferPointer<Float>,
    _ places: [Int?]
) -> Double {
    var greatest = 0.0
    let shared = Set(places.compactMap(\.self))
    for index in before.indices where !shared.contains(index) {
        greatest = max(greatest, Double(before[index]))
    }
    for (index, place) in places.enumerated() {
        let old = place.map { Double(before[$0]) } ?? 0
        greatest = max(greatest, abs(Double(after[index]) - old))
    }
    return rounded(greatest)
}

/// Half the sum of the differences of two distributions, rounded to six digits.
///
/// - Parameters:
///   - before: the first one's probabilities.
///   - after: the second one's probabilities.
///   - places: for each label of the second, its place in the first, or nil if it is new.
/// - Returns: The total variation distance, from 0 to 1.
private func totalVariation(
    _ before: UnsafeBufferPointer<Float>,
    _ after: UnsafeBufferPointer<Float>,
    _ places: [Int?]
) -> Double {
    var sum = 0.0
    var shared = 0.0
    for (index, place) in places.enumerated() {
        let old = place.map { Double(before[$0]) } ?? 0
        if place != nil { shared += old }
        sum += abs(Double(after[index]) - old)
    }
    let all = before.reduce(0) { $0 + Double($1) }
    // What went to labels that the second model no longer has.
    sum += max(all - shared, 0)
    return min(rounded(sum / 2), 1)
}
