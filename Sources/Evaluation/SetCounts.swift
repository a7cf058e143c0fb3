internal import Model

/// What became of rows whose texts may have several labels, counted label by label.
public struct SetCounts: Sendable, Equatable {
    /// The number of rows.
    public private(set) var rows = 0
    /// The rows that got exactly their labels.
    public private(set) var exact = 0
    /// By label: the rows that have it.
    public private(set) var actual: [Int]
    /// By label: the rows that got it.
    public private(set) var answered: [Int]
    /// By label: the rows that have it and got it.
    public private(set) var hits: [Int]
    /// How often a row got the second label, which it has not, instead of the first, which it has
    /// and did not get.
    private(set) var mixUps: [Pair: Int] = [:]

    /// A label that is missing and one that is too much.
    struct Pair: Hashable {
        var missing: Int
        var extra: Int
    }

    /// Starts with nothing counted.
    public init(labelCount: Int) {
        actual = [Int](repeating: 0, count: labelCount)
        answered = actual
        hits = actual
    }

    /// Adds a row: the numbers of the labels that it has, and of those that it got, both ascending.
    public mutating func add(truth: [Int], answer: [Int]) {
        rows += 1
        if truth == answer { exact += 1 }
        for label in truth { actual[label] += 1 }
        for label in answer { answered[label] += 1 }
        let (has, got) = (Set(truth), Set(answer))
        for label in has.intersection(got) { hits[label] += 1 }
        for missing in has.subtracting(got) {
            for extra in got.subtracting(has) {
                mixUps[Pair(missing: missing, extra: extra), default: 0] += 1
            }
        }
    }

    /// F1 over the labels of all rows together, from 0 to 1; 0 where no row has or got a label.
    public var microF1: Double {
        let all = actual.reduce(0, +) + answered.reduce(0, +)
        return all == 0 ? 0 : rounded(Double(2 * hits.reduce(0, +)) / Double(all))
    }

    /// The mean F1 of the labels that some row has or got.
    public var macroF1: Double {
        let scores = actual.indices.compactMap { label -> Double? in
            let all = actual[label] + answered[label]
            return all == 0 ? nil : Double(2 * hits[label]) / Double(all)
        }
        return scores.isEmpty ? 0 : rounded(scores.reduce(0, +) / Double(scores.count))
    }

    /// The share of all decisions, one a row and label, that are wrong.
    public var hammingLoss: Double {
        let wrong = actual.indices.reduce(0) { $0 + actual[$1] + answered[$1] - 2 * hits[$1] }
        let all = rows * actual.count
        return all == 0 ? 0 : rounded(Double(wrong) / Double(all))
    }
}

/// The probability of a set of labels, if each were given by itself.
///
/// - Parameters:
///   - set: the numbers of its labels, ascending.
///   - probabilities: those of all labels.
/// - Returns: the product over all labels, from 0 to 1.
package func probability(of set: [Int], _ probabilities: some Collection<Float>) -> Float {
    var product = 1.0
    var place = 0
    for (label, probability) in probabilities.enumerated() {
        let isGiven = place < set.count && set[place] == label
        if isGiven { place += 1 }
        product *= Double(isGiven ? probability : 1 - probability)
    }
    return Float(product)
}
