public import Evaluation
public import Examples

/// The rows of a run, split into tokens once: those to learn from, to choose by and to score.
public struct TrainingRows: Sendable {
    /// All of them, in this order.
    public let all: TokenizedRows
    /// The numbers of the rows to learn from.
    public let training: Range<Int>
    /// The numbers of the rows that choose among epochs.
    public let development: Range<Int>
    /// The numbers of the rows that only score the result.
    public let test: Range<Int>

    /// Splits the texts of all rows.
    public init(training: [Example], development: [Example] = [], test: [Example] = []) {
        self.init(
            TokenizedRows(training + development + test),
            training.count,
            development.count
        )
    }

    /// Joins rows that are split already.
    public init(training: TokenizedRows, development: TokenizedRows, test: TokenizedRows) {
        self.init(
            TokenizedRows(
                joining: [training, development, test].map { ($0, Array($0.examples.indices)) }
            ),
            training.examples.count,
            development.examples.count
        )
    }

    private init(_ all: TokenizedRows, _ trainingCount: Int, _ developmentCount: Int) {
        self.all = all
        training = 0..<trainingCount
        development = trainingCount..<(trainingCount + developmentCount)
        test = development.upperBound..<all.examples.count
    }

    /// The rows with these numbers.
    public func examples(_ numbers: Range<Int>) -> [Example] { Array(all.examples[numbers]) }

    /// Some of the rows, to learn from, and nothing else.
    func learning(_ numbers: [Int]) -> TrainingRows {
        TrainingRows(all.selecting(numbers), numbers.count, 0)
    }
}
