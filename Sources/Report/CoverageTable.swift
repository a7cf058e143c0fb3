internal import Evaluation
public import Model

/// Which threshold gives which accuracy, as text for people.
public struct CoverageTable {
    private let coverage: [TrainingRecord.Coverage]

    /// Prepares the table.
    public init(_ coverage: [TrainingRecord.Coverage]) { self.coverage = coverage }

    /// The lines of the table; a sentence if no threshold is known.
    public var lines: [String] {
        if coverage.isEmpty { return ["never: no score proves that 90 % of the answers are right"] }
        let rows = coverage.map { line in
            [
                percent(line.accuracy, digits: 0),
                decimal(line.threshold, digits: 4),
                percent(line.coverage, digits: 2),
            ]
        }
        return TextTable.lines([["right", "at a score from", "rows answered"]] + rows, leading: 0)
    }
}
