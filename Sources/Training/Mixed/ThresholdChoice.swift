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
        case .macro: return curves.map { $0.best ?? shared }
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
    }
}
