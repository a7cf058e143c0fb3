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
    /// Texts of none of the labels, beside the rows to learn from or to choose by: they choose and
    /// measure a threshold, and are never learnt.
    public var outOfScope: [String] = []
    /// Texts of none of the labels that only measure the result.
    public var testOutOfScope: [String] = []
    /// The rows to learn from as they were given, if texts of none are among them.
    public internal(set) var given: [Example]?

    /// Splits the texts of all rows; those of none of the labels are put aside.
    public init(training: [Example], development: [Example] = [], test: [Example] = []) {
        let hasSets = ExampleSet.hasSets(training)
        let parts = [training, development, test].map { ExampleSet.parted($0, hasSets: hasSets) }
        let rows = parts.map(\.labelled)
        self.init(TokenizedRows(rows.flatMap(\.self)), rows[0].count, rows[1].count)
        outOfScope = (parts[0].outOfScope + parts[1].outOfScope).map(\.text)
        testOutOfScope = parts[2].outOfScope.map(\.text)
        if !parts[0].outOfScope.isEmpty { given = training }
    }

    /// Joins rows that are split already, none of them a text of none of the labels.
    init(training: TokenizedRows, development: TokenizedRows, test: TokenizedRows) {
        self.init(
            TokenizedRows(
                joining: [training, development, test].map { ($0, Array($0.examples.indices)) }
            ),
            training.examples.count,
            development.examples.count
        )
    }

    /// These rows with others in the place of a part; texts of none that were put aside stay there.
    func replacing(
        training: [Example]? = nil,
        development: [Example]? = nil,
        test: [Example]? = nil
    ) -> TrainingRows {
        var rows = TrainingRows(
            training: training ?? examples(self.training),
            development: development ?? examples(self.development),
            test: test ?? examples(self.test)
        )
        rows.outOfScope = outOfScope + rows.outOfScope
        rows.testOutOfScope = testOutOfScope + rows.testOutOfScope
        return rows
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
