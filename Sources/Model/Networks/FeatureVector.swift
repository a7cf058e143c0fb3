/// The sparse input of the linear path for one text, filled again for each text.
///
/// `value = (1 + ln tf)·idf`; the block of words and bigrams is scaled to length 1, that of the
/// character n-grams to `ngramBlockLength`. Unknown features are left out.
package struct FeatureVector {
    package private(set) var features: [Int32] = []
    package private(set) var values: [Float] = []
    /// By feature: occurrences in the text at hand.
    private var counts: [Int32]

    /// The weight of the character block against the word block, chosen on dev (RECIPE: 0.7).
    static let ngramBlockLength: Float = 0.7

    package init(featureCount: Int) { counts = Array(repeating: 0, count: featureCount) }

    /// Counts one occurrence.
    package mutating func add(_ feature: Int32) {
        if counts[Int(feature)] == 0 { features.append(feature) }
        counts[Int(feature)] += 1
    }

    /// Counts one occurrence of each.
    package mutating func add(_ features: UnsafeBufferPointer<Int32>) {
        counts.withUnsafeMutableBufferPointer { counts in
            for feature in features {
                precondition(counts.indices.contains(Int(feature)), "No such feature")
                if counts[Int(feature)] == 0 { self.features.append(feature) }
                counts[Int(feature)] += 1
            }
        }
    }

    package mutating func removeAll() {
        features.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
    }

    /// Turns counts into values.
    package mutating func weigh(_ lists: FeatureLists) {
        values.append(contentsOf: repeatElement(0, count: features.count))
        FeatureVector.weigh(features, &counts, lists, into: &values)
    }

    private static func weigh(
        _ features: [Int32],
        _ counts: inout [Int32],
        _ lists: FeatureLists,
        into values: inout [Float]
    ) {
        let firstNGram = Int32(lists.firstNGram)
        var wordSquares: Float = 0
        var ngramSquares: Float = 0
        for (index, feature) in features.enumerated() {
            let count = counts[Int(feature)]
            counts[Int(feature)] = 0
            let frequency = count == 1 ? 1 : 1 + logarithm(count)
            let value = frequency * lists.inverseFrequencies[Int(feature)]
            values[index] = value
            if feature < firstNGram {
                wordSquares += value * value
            } else {
                ngramSquares += value * value
            }
        }
        let wordScale = 1 / max(wordSquares.squareRoot(), 1e-6)
        let ngramScale = FeatureVector.ngramBlockLength / max(ngramSquares.squareRoot(), 1e-6)
        for (index, feature) in features.enumerated() {
            values[index] *= feature < firstNGram ? wordScale : ngramScale
        }
    }

    private static func logarithm(_ count: Int32) -> Float {
        logarithms[min(Int(count), logarithms.count) - 1]
    }

    /// ln 1 … ln 160: more occurrences make no difference.
    private static let logarithms: [Float] = (1...160).map { Float(Double($0).naturalLogarithm) }
}
