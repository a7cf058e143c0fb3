internal import Evaluation
internal import Examples

extension HeldOutAnswers {
    /// The answers with texts and names, in the order of the rows.
    func answered(_ examples: [Example], labels names: [String]) -> [AnsweredExample] {
        zip(rows, labels.indices).sorted { $0.0 < $1.0 }.map { row, index in
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
