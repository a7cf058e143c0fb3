internal import Examples
public import JSON
public import Model

/// Two models on the same rows, whose texts may have several labels.
///
/// If both were equally good, it would be a toss on each row which of the two answers is whose. So
/// the answers are swapped at random, many times over, and the differences that luck alone makes
/// are compared with the one that was found (approximate randomization; Noreen 1989, "Computer-
/// Intensive Methods for Testing Hypotheses").
public struct PairedSets: Sendable, Equatable {
    /// Which F1 is compared.
    public let objective: TrainingOptions.Objective
    private var rows: [Row] = []
    private var places: [String: Int] = [:]

    /// The labels of a row, and those that both models give it, by number.
    fileprivate struct Row: Equatable, Sendable {
        var truth: [Int]
        var candidate: [Int]
        var incumbent: [Int]
    }

    /// How often answers are swapped; a p below 1 in 4,000 cannot be told.
    private static let resamples = 3999

    /// Starts with no rows.
    public init(_ objective: TrainingOptions.Objective) { self.objective = objective }

    /// Adds a row: its labels, and what each model gives it, as stored (`LabelSet.stored`).
    package mutating func append(truth: String, candidate: String, incumbent: String) {
        rows.append(
            Row(
                truth: numbers(truth),
                candidate: numbers(candidate),
                incumbent: numbers(incumbent)
            )
        )
    }

    /// Adds the rows of another comparison of the same models.
    package mutating func append(_ more: PairedSets) {
        let names = more.places.sorted { $0.value < $1.value }.map(\.key)
        let numbers = names.map { number($0) }
        for row in more.rows {
            rows.append(
                Row(
                    truth: row.truth.map { numbers[$0] },
                    candidate: row.candidate.map { numbers[$0] },
                    incumbent: row.incumbent.map { numbers[$0] }
                )
            )
        }
    }

    private mutating func numbers(_ stored: String) -> [Int] {
        LabelSet.of(stored).labels.map { number($0) }
    }

    private mutating func number(_ label: String) -> Int {
        if let place = places[label] { return place }
        places[label] = places.count
        return places.count - 1
    }

    /// The figures of both models and what luck makes of them.
    ///
    /// - Parameter labelCount: how many labels there are, also those that no row has or got.
    /// - Returns: The figures.
    /// - Complexity: O(rows that differ · labels a row · 4,000).
    package func figures(labelCount: Int) -> Figures {
        var both = Counts(labelCount: places.count)
        var differing: [Row] = []
        for row in rows {
            if row.candidate == row.incumbent {
                both.add(row.truth, row.candidate)
            } else {
                differing.append(row)
            }
        }
        let own = self.both(both, differing) { _ in false }
        var (better, worse, sum, squares) = (0, 0, 0.0, 0.0)
        let found = own.candidate.f1(objective) - own.incumbent.f1(objective)
        var generator = SplitMix64(seed: 1)
        for _ in 0..<(differing.isEmpty ? 0 : PairedSets.resamples) {
            let swapped = self.both(both, differing) { _ in generator.next() & 1 == 1 }
            let difference = swapped.candidate.f1(objective) - swapped.incumbent.f1(objective)
            if difference >= found { better += 1 }
            if difference <= found { worse += 1 }
            sum += difference
            squares += difference * difference
        }
        let count = Double(max(PairedSets.resamples, 1))
        let decisions = Double(max(rows.count * max(labelCount, places.count), 1))
        let errors = (own.candidate.errors, own.incumbent.errors)
        return Figures(
            objective: objective,
            rows: rows.count,
            differing: differing.count,
            microF1: (rounded(own.candidate.f1(.micro)), rounded(own.incumbent.f1(.micro))),
            macroF1: (rounded(own.candidate.f1(.macro)), rounded(own.incumbent.f1(.macro))),
            hammingLoss: (
                rounded(Double(errors.0) / decisions), rounded(Double(errors.1) / decisions)
            ),
            errors: errors,
            errorDeviation: differing.reduce(0.0) { sum, row in
                let gap = Double(row.errors(row.candidate) - row.errors(row.incumbent))
                return sum + gap * gap
            }.squareRoot(),
            f1Deviation: differing.isEmpty
                ? 0 : max(squares / count - (sum / count) * (sum / count), 0).squareRoot(),
            pBetter: differing.isEmpty ? 1 : rounded(Double(better + 1) / (count + 1)),
            pWorse: differing.isEmpty ? 1 : rounded(Double(worse + 1) / (count + 1))
        )
    }

    /// Counts both models, some rows the other way round.
    private func both(
        _ equal: Counts,
        _ differing: [Row],
        isSwapped: (Int) -> Bool
    ) -> (candidate: Counts, incumbent: Counts) {
        var (candidate, incumbent) = (equal, equal)
        for (index, row) in differing.enumerated() {
            let swap = isSwapped(index)
            candidate.add(row.truth, swap ? row.incumbent : row.candidate)
            incumbent.add(row.truth, swap ? row.candidate : row.incumbent)
        }
        return (candidate, incumbent)
    }
}

extension PairedSets {
    /// What two models score on the same rows; of each pair the candidate's figure comes first.
    public struct Figures: Sendable, Equatable {
        /// Which F1 is compared.
        public let objective: TrainingOptions.Objective
        /// The number of rows.
        public let rows: Int
        /// How many of them get other labels of each.
        public let differing: Int
        /// F1 over all labels together.
        public let microF1: (candidate: Double, incumbent: Double)
        /// The mean F1 of the labels.
        public let macroF1: (candidate: Double, incumbent: Double)
        /// The share of wrong decisions, one a row and label.
        public let hammingLoss: (candidate: Double, incumbent: Double)
        /// The number of wrong decisions.
        public let errors: (candidate: Int, incumbent: Int)
        /// One standard deviation of the difference of errors between equal models.
        public let errorDeviation: Double
        /// One standard deviation of the difference of F1 between equal models.
        public let f1Deviation: Double
        /// How often equal models would differ in F1 by so much for the candidate, or more.
        public let pBetter: Double
        /// The same for the other side: small if the candidate is worse.
        public let pWorse: Double

        /// The F1 that is compared.
        public var f1: (candidate: Double, incumbent: Double) {
            objective == .micro ? microF1 : macroF1
        }

        /// Compares all figures.
        public static func == (left: Figures, right: Figures) -> Bool {
            left.objective == right.objective && left.rows == right.rows
                && left.differing == right.differing && left.microF1 == right.microF1
                && left.macroF1 == right.macroF1 && left.hammingLoss == right.hammingLoss
                && left.errors == right.errors && left.errorDeviation == right.errorDeviation
                && left.f1Deviation == right.f1Deviation && left.pBetter == right.pBetter
                && left.pWorse == right.pWorse
        }

        /// Writes an object: `objective`, `differing`, the three figures, each also with
        /// `incumbent_` before its name, `p_better` and `p_worse`.
        public func encode(to writer: inout JSONWriter) {
            writer.beginObject()
            writer.member("objective", string: objective.rawValue)
            writer.member("differing", int: differing)
            for (name, pair) in [
                ("micro_f1", microF1), ("macro_f1", macroF1), ("hamming_loss", hammingLoss),
            ] {
                writer.member(name, double: pair.candidate)
                writer.member("incumbent_\(name)", double: pair.incumbent)
            }
            writer.member("p_better", double: pBetter)
            writer.member("p_worse", double: pWorse)
            writer.endObject()
        }
    }

    /// Labels that rows have, that they got, and both.
    private struct Counts {
        var actual: [Int]
        var answered: [Int]
        var hits: [Int]

        init(labelCount: Int) {
            actual = [Int](repeating: 0, count: labelCount)
            (answered, hits) = (actual, actual)
        }

        mutating func add(_ truth: [Int], _ answer: [Int]) {
            for label in truth { actual[label] += 1 }
            for label in answer {
                answered[label] += 1
                if truth.contains(label) { hits[label] += 1 }
            }
        }

        /// How many decisions are wrong.
        var errors: Int {
            actual.reduce(0, +) + answered.reduce(0, +) - 2 * hits.reduce(0, +)
        }

        func f1(_ objective: TrainingOptions.Objective) -> Double {
            switch objective {
            case .micro:
                let all = actual.reduce(0, +) + answered.reduce(0, +)
                return all == 0 ? 0 : Double(2 * hits.reduce(0, +)) / Double(all)
            case .macro:
                var (sum, count) = (0.0, 0)
                for label in actual.indices where actual[label] + answered[label] > 0 {
                    sum += Double(2 * hits[label]) / Double(actual[label] + answered[label])
                    count += 1
                }
                return count == 0 ? 0 : sum / Double(count)
            }
        }
    }
}

extension PairedSets.Row {
    /// How many labels an answer has too many or too few.
    fileprivate func errors(_ answer: [Int]) -> Int {
        truth.count + answer.count - 2 * answer.count(where: truth.contains)
    }
}
