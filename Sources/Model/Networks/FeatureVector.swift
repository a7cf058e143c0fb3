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
    package static let ngramBlockLength: Float = 0.7

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

    /// How often a feature of the text at hand occurs in it.
    package func count(of feature: Int32) -> Int32 { counts[Int(feature)] }

    /// The length of the block of words with one between, and of that of first words.
    package static let distantBlockLength: Float = 0.5

    /// What the blocks of a text are multiplied by, which gives each its length.
    package struct Scales {
        package let words: Float
        package let ngrams: Float
        package var skipBigrams: Float = 0
        package var openings: Float = 0

        /// The scale of a feature.
        @inline(__always)
        package func of(_ feature: Int32, _ lists: FeatureLists) -> Float {
            if feature < lists.firstNGram { return words }
            if feature < lists.firstSkipBigram { return ngrams }
            return feature < lists.firstOpening ? skipBigrams : openings
        }
    }

    /// Turns counts into values.
    ///
    /// - Returns: what they were scaled by.
    @discardableResult
    package mutating func weigh(_ lists: FeatureLists) -> Scales {
        values.append(contentsOf: repeatElement(0, count: features.count))
        // What is no neighbour was added last.
        let openings = start(of: lists.firstOpening, end: features.count)
        let skips = start(of: lists.firstSkipBigram, end: openings)
        var scales = FeatureVector.weigh(features[..<skips], &counts, lists, into: &values)
        if skips < features.count {
            scales.skipBigrams = weighDistant(skips..<openings, lists)
            scales.openings = weighDistant(openings..<features.count, lists)
        }
        return scales
    }

    /// Where the features begin, of those before `end`, that are numbered from `first` on.
    private func start(of first: Int, end: Int) -> Int {
        var start = end
        while start > 0 && features[start - 1] >= first { start -= 1 }
        return start
    }

    /// Weighs a block of features that are no neighbours.
    private mutating func weighDistant(_ range: Range<Int>, _ lists: FeatureLists) -> Float {
        var squares: Float = 0
        for index in range {
            let feature = Int(features[index])
            values[index] =
                FeatureVector.frequency(counts[feature]) * lists.inverseFrequencies[feature]
            counts[feature] = 0
            squares += values[index] * values[index]
        }
        let scale = FeatureVector.distantBlockLength / max(squares.squareRoot(), 1e-6)
        for index in range { values[index] *= scale }
        return scale
    }

    private static func weigh(
        _ features: ArraySlice<Int32>,
        _ counts: inout [Int32],
        _ lists: FeatureLists,
        into values: inout [Float]
    ) -> Scales {
        let firstNGram = Int32(lists.firstNGram)
        var wordSquares: Float = 0
        var ngramSquares: Float = 0
        for (index, feature) in features.enumerated() {
            let count = counts[Int(feature)]
            counts[Int(feature)] = 0
            let value = frequency(count) * lists.inverseFrequencies[Int(feature)]
            values[index] = value
            if feature < firstNGram {
                wordSquares += value * value
            } else {
                ngramSquares += value * value
            }
        }
        let scales = Scales(
            words: 1 / max(wordSquares.squareRoot(), 1e-6),
            ngrams: FeatureVector.ngramBlockLength / max(ngramSquares.squareRoot(), 1e-6)
        )
        for (index, feature) in features.enumerated() {
            values[index] *= feature < firstNGram ? scales.words : scales.ngrams
        }
        return scales
    }

    /// `1 + ln count`; counts beyond `distinctCounts` make no difference.
    @inline(__always)
    package static func frequency(_ count: Int32) -> Float {
        count == 1 ? 1 : 1 + logarithm(count)
    }

    private static func logarithm(_ count: Int32) -> Float {
        logarithms[min(Int(count), logarithms.count) - 1]
    }

    /// More occurrences in one text make no difference.
    package static let distinctCounts = 160

    private static let logarithms: [Float] =
        (1...distinctCounts).map { Float(Double($0).naturalLogarithm) }
}

extension FeatureLists {
    /// The length of the block of a feature; 1 for what is numbered behind all features.
    package func blockLength(of feature: Int32) -> Float {
        if feature < firstNGram || feature >= featureCount { return 1 }
        if feature < firstSkipBigram { return FeatureVector.ngramBlockLength }
        return FeatureVector.distantBlockLength
    }
}
