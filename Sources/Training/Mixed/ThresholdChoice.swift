internal import Model

/// Rows with the probabilities of labels that a text may have several of, and the thresholds that
/// suit them best.
struct ThresholdChoice {
    /// (rows × classes).
    let probabilities: [Float]
    /// The labels of each row, ascending.
    let sets: [ArraySlice<Int32>]
    let classCount: Int

    /// Without any row that has a label, this is as good as another.
    private static let fallback: Float = 0.5

    /// The least probability with which each label is given.
    func thresholds(_ objective: TrainingOptions.Objective) -> [Float] {
        var all = Curve()
        var curves = [Curve](repeating: Curve(), count: objective == .macro ? classCount : 0)
        for (row, set) in sets.enumerated() {
            var given = set[...]
            for label in 0..<classCount {
                let isTrue = given.first == Int32(label)
                if isTrue { given.removeFirst() }
                let probability = probabilities[row * classCount + label]
                all.add(probability, isTrue: isTrue)
                if objective == .macro { curves[label].add(probability, isTrue: isTrue) }
            }
        }
        let shared = all.best ?? ThresholdChoice.fallback
        switch objective {
        case .micro: return [Float](repeating: shared, count: classCount)
        case .macro: return curves.map { $0.steadied ?? shared }
        }
    }

    /// How many decisions of each probability are right if they say yes.
    private struct Curve {
        /// By the leading bits of the probability, which order numbers above 0: 512 steps from a
        /// number to its double.
        private var counts: [UInt32: (all: Int, hits: Int)] = [:]
        private var positives = 0

        private static let droppedBits: UInt32 = 14

        mutating func add(_ probability: Float, isTrue: Bool) {
            let step = probability.bitPattern >> Curve.droppedBits
            counts[step, default: (0, 0)].all += 1
            if isTrue {
                counts[step, default: (0, 0)].hits += 1
                positives += 1
            }
        }

        /// The threshold with the greatest F1, of equals the highest; nil where nothing is true.
        var best: Float? {
            guard positives > 0 else { return nil }
            var (given, hits) = (0, 0)
            var best = (f1: 0.0, step: UInt32(0))
            for (step, count) in counts.sorted(by: { $0.key > $1.key }) {
                given += count.all
                hits += count.hits
                let f1 = Double(2 * hits) / Double(given + positives)
                if f1 > best.f1 { best = (f1, step) }
            }
            return Float(bitPattern: best.step << Curve.droppedBits)
        }

        /// A threshold for few rows: the geometric mean of the best one and of the one that is best
        /// by the probabilities themselves, once these are calibrated; nil where nothing is true.
        ///
        /// The best one follows chance where a label has ten rows; the other one does not, but
        /// trusts the probabilities. On GoEmotions both together had a quarter of a point more on
        /// rows that chose nothing.
        var steadied: Float? {
            guard let best else { return nil }
            let points = counts.sorted { $0.key > $1.key }.map { step, count in
                let probability = Double(Float(bitPattern: step << Curve.droppedBits))
                let bounded = min(max(probability, 1e-7), 1 - 1e-7)
                return Point(
                    probability: probability,
                    logit: bounded.naturalLogarithm - (1 - bounded).naturalLogarithm,
                    rows: Double(count.all),
                    hits: Double(count.hits)
                )
            }
            guard let scale = Calibrator(points), scale.slope > 0 else { return best }
            let positives = points.reduce(0) { $0 + $1.rows * scale.probability($1.logit) }
            var (given, hits) = (0.0, 0.0)
            var expected = (f1: 0.0, probability: 0.0)
            for point in points {
                given += point.rows
                hits += point.rows * scale.probability(point.logit)
                let f1 = 2 * hits / (given + positives)
                if f1 > expected.f1 { expected = (f1, point.probability) }
            }
            return Float((Double(best) * expected.probability).squareRoot())
        }
    }
}

/// Rows with about the same probability of a label.
private struct Point {
    var probability: Double
    var logit: Double
    var rows: Double
    /// How many of them have the label.
    var hits: Double
}

/// Platt's scaling of one label (1999): `σ(slope·logit + shift)`, held near the identity, so that
/// few rows change little.
private struct Calibrator {
    private(set) var slope = 1.0
    private(set) var shift = 0.0

    /// Counts as much as two rows that are undecided.
    private static let ridge = 2.0
    private static let steps = 30

    /// The scaling with the least loss, by Newton's method; nil if it finds none.
    init?(_ points: [Point]) {
        for _ in 0..<Calibrator.steps {
            let ridge = Calibrator.ridge
            var gradient = (ridge * (slope - 1), ridge * shift)
            var curvature = (ridge, 0.0, ridge)
            for point in points {
                let p = probability(point.logit)
                let (error, weight) = (point.rows * p - point.hits, point.rows * p * (1 - p))
                gradient.0 += error * point.logit
                gradient.1 += error
                curvature.0 += weight * point.logit * point.logit
                curvature.1 += weight * point.logit
                curvature.2 += weight
            }
            let determinant = curvature.0 * curvature.2 - curvature.1 * curvature.1
            guard determinant > 0 else { return nil }
            let step = (
                (curvature.2 * gradient.0 - curvature.1 * gradient.1) / determinant,
                (curvature.0 * gradient.1 - curvature.1 * gradient.0) / determinant
            )
            slope -= step.0
            shift -= step.1
            guard slope.isFinite, shift.isFinite, abs(slope) < 1e3, abs(shift) < 1e3 else {
                return nil
            }
            if max(abs(step.0), abs(step.1)) < 1e-6 { break }
        }
    }

    /// The calibrated probability of a logit.
    func probability(_ logit: Double) -> Double {
        let value = slope * logit + shift
        let small = Double(Float.exponential(Float(-abs(value))))
        return value >= 0 ? 1 / (1 + small) : small / (1 + small)
    }
}
