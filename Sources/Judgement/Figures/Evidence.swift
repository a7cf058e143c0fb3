package import Evaluation
package import Examples
internal import Model

/// Rows with answers of networks that neither learnt them nor were chosen by them.
///
/// Every figure that is reported, compared or turned into a threshold comes from such rows alone.
package struct Evidence: Sendable {
    /// How the rows were kept apart.
    package enum Kind: String, Sendable {
        /// A share of the rows, which the network has not learnt.
        case heldOut = "held_out"
        /// Every row, by networks that learnt the others: fewer rows than the network itself, so
        /// the figures are a lower bound.
        case crossValidation = "cross_validation"
        /// Rows that were given to measure by.
        case given
    }

    /// The rows, and how they were kept apart.
    package let source: EvidenceRows
    /// The probabilities of each row, (rows × classes).
    package let probabilities: [Float]
    /// Where texts may have several labels: the numbers of those that each row got, ascending, by
    /// thresholds that other rows chose.
    package let answers: [[Int]]?
    /// Where cross-validation was repeated with other parts: the accuracy of each time, these
    /// answers being the first.
    package var repeatedAccuracies: [Double] = []
    /// Whether the network was trained anew with these rows too, after it had answered them.
    package var isRefitted = false

    /// Collects the answers to rows.
    ///
    /// - Precondition: a row of probabilities for each, of its number of classes, and the labels
    ///   that it got where these may be several.
    package init(_ source: EvidenceRows, probabilities: [Float], answers: [[Int]]? = nil) {
        precondition(answers.map { $0.count == source.rows.count } ?? true)
        self.answers = answers
        precondition(probabilities.count == source.rows.count * source.classCount)
        self.source = source
        self.probabilities = probabilities
    }

    /// How the rows were kept apart.
    package var kind: Kind { source.kind }
    /// The numbers of the rows, in the order of the answers.
    package var rows: [Int] { source.rows }
    /// The target of each row.
    package var labels: [Int] { source.labels }
    /// The number of labels.
    package var classCount: Int { source.classCount }

    /// The probabilities of some rows, by their places among the answers, (places × classes).
    package func probabilities(of places: [Int]) -> [Float] {
        places.flatMap { probabilities[($0 * classCount)..<(($0 + 1) * classCount)] }
    }

    /// The mean cross-entropy of some rows, by their places among the answers, in nats.
    package func loss(of places: [Int]) -> Double {
        let sum = places.reduce(0.0) { sum, place in
            sum + source.head.loss(ofProbabilities: of(place), label: labels[place])
        }
        return sum / Double(max(places.count, 1))
    }

    /// Whether the network itself is likely better than these answers.
    package var isLowerBound: Bool { kind == .crossValidation || isRefitted }

    /// The answer to one row: the index of the most probable label.
    package func answer(_ index: Int) -> Int {
        source.head.decision(of(index))
    }

    /// The probabilities of one row.
    private func of(_ index: Int) -> ArraySlice<Float> {
        probabilities[(index * classCount)..<((index + 1) * classCount)]
    }

    /// The numbers of the labels that a row has and of those that it got; nil where it has one.
    private func sets(_ index: Int) -> (truth: [Int], answer: [Int])? {
        guard let answers, case .sigmoid(let sets) = source.head else { return nil }
        return (sets[labels[index]].map(Int.init), answers[index])
    }

    /// The share of rows whose label, or exact set of labels, was found, rounded to six digits; 0
    /// without rows.
    package var accuracy: Double {
        let right = labels.indices.count { index in
            sets(index).map { $0.truth == $0.answer } ?? (answer(index) == labels[index])
        }
        return labels.isEmpty ? 0 : rounded(Double(right) / Double(labels.count))
    }

    /// The scores of the answers.
    package func evaluation(labels names: [String]) -> Evaluation {
        var evaluation = Evaluation.Counts(
            labels: names,
            output: answers == nil ? .oneLabel : .multi
        )
        for (row, label) in labels.enumerated() {
            if let (truth, answer) = sets(row) {
                evaluation.add(truth: truth, answer: answer, of(row))
            } else {
                of(row).withUnsafeBufferPointer { evaluation.add(label: label, $0) }
            }
        }
        return Evaluation(evaluation)
    }

    /// The answers with texts and names, in the order of the rows.
    package func answered(_ examples: [Example], labels names: [String]) -> [AnsweredExample] {
        zip(rows, labels.indices).sorted { $0.0 < $1.0 }.map { row, index in
            if let (truth, answer) = sets(index) {
                return AnsweredExample(
                    text: examples[row].text,
                    truth: truth,
                    answer: answer,
                    labels: names,
                    of(index)
                )
            }
            let answer = answer(index)
            func score(_ label: Int) -> Double {
                rounded(Double(probabilities[index * classCount + label]))
            }
            return AnsweredExample(
                text: examples[row].text,
                truth: names[labels[index]],
                label: names[answer],
                score: score(answer),
                truthScore: score(labels[index])
            )
        }
    }
}
