internal import Evaluation
internal import Examples

/// A row, and what a network that had not learnt it says of it.
public struct AnsweredRow: Sendable, Equatable {
    /// The text.
    public var text: String
    /// The label that it has.
    public var truth: String
    /// The label that the network gives it.
    public var label: String
    /// The probability of that label, from 0 to 1.
    public var score: Double
    /// The probability of the label that it has, from 0 to 1.
    public var truthScore: Double

    /// Creates an answer.
    public init(text: String, truth: String, label: String, score: Double, truthScore: Double) {
        self.text = text
        self.truth = truth
        self.label = label
        self.score = score
        self.truthScore = truthScore
    }
}

extension HeldOutAnswers {
    /// The answers with texts and names, in the order of the rows.
    func answered(_ examples: [Example], labels names: [String]) -> [AnsweredRow] {
        zip(rows, labels.indices).sorted { $0.0 < $1.0 }.map { row, index in
            let answer = answer(index)
            func score(_ label: Int) -> Double {
                rounded(Double(probabilities[index * classCount + label]))
            }
            return AnsweredRow(
                text: examples[row].text,
                truth: names[labels[index]],
                label: names[answer],
                score: score(answer),
                truthScore: score(labels[index])
            )
        }
    }
}
