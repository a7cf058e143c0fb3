internal import Model

/// How fast the linear path learns each weight: the faster, the more a naive Bayes classifier would
/// make of it (Wang and Manning 2012).
///
/// Adam's steps do not depend on the scale of a gradient, so that scaling its steps is the same as
/// scaling the weights of a network whose features are scaled.
struct BayesRates {
    /// Of a class's texts, those with each feature, (features × classes).
    private var counts: [Int32]
    private let classCount: Int

    /// Scales at most.
    private static let greatest = 3.0
    /// The power of a log-ratio that is its scale.
    private static let power = 0.7

    init(featureCount: Int, classCount: Int) {
        counts = Array(repeating: 0, count: featureCount * classCount)
        self.classCount = classCount
    }

    /// Counts a text of a label that has a feature.
    mutating func count(_ feature: Int32, label: Int) {
        counts[Int(feature) * classCount + label] += 1
    }

    /// The scale of the steps of each weight, (features × classes).
    var scales: [Float] {
        let features = counts.count / max(classCount, 1)
        let others = Double(classCount - 1)
        var own = [Double](repeating: 0, count: classCount)
        for (index, count) in counts.enumerated() { own[index % classCount] += Double(count + 1) }
        let all = own.reduce(0, +)
        let shift = own.map { ((all - $0) / $0).naturalLogarithm }
        var scales: [Float] = []
        scales.reserveCapacity(counts.count)
        for feature in 0..<features {
            let row = counts[(feature * classCount)..<((feature + 1) * classCount)]
            let sum = row.reduce(0.0) { $0 + Double($1) }
            for (label, count) in row.enumerated() {
                let ratio = Double(count + 1) / (sum - Double(count) + others)
                let logarithm = ratio.naturalLogarithm + shift[label]
                let scale =
                    (abs(logarithm).naturalLogarithm * BayesRates.power).exponential
                scales.append(Float(min(scale, BayesRates.greatest)))
            }
        }
        return scales
    }
}
