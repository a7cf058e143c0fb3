/// The words among which a batch of predictions chooses.
///
/// Frequent words and those of the batch stand for themselves. Of the others some are drawn at
/// random, and each stands for as many as there are for one drawn: the sum over all words under the
/// softmax keeps its expectation (Bengio and Senécal 2003), at a fraction of its cost.
///
/// Class 0 is the end of a text, 1 an unknown word, and k above these row k - 1 of the word table,
/// the more frequent first.
package struct WordCandidates {
    /// The classes.
    package private(set) var classes: [Int32] = []
    /// What is added to the logit of each: ln of how many it stands for.
    package private(set) var corrections: [Double] = []
    /// Classes there are.
    package let classCount: Int
    private let frequent: Int
    private let least: Int
    /// By class its place among the candidates; -1 for the others.
    private var places: [Int32]

    /// - Parameters:
    ///   - wordCount: rows of the word table, `<unk>` among them.
    ///   - mostClasses: rarer words count as unknown.
    ///   - frequent: classes that are always there.
    ///   - least: candidates at least, if there are so many classes.
    package init(wordCount: Int, mostClasses: Int, frequent: Int, least: Int) {
        classCount = max(min(wordCount + 1, mostClasses), 2)
        self.frequent = min(max(frequent, 2), classCount)
        self.least = least
        places = Array(repeating: -1, count: classCount)
    }

    /// The class of a row of the word table.
    package func wordClass(row: Int32) -> Int32 {
        row > 0 && Int(row) + 1 < classCount ? row + 1 : 1
    }

    /// The place of a class among the candidates.
    package func place(of wordClass: Int32) -> Int { Int(places[Int(wordClass)]) }

    /// Chooses anew.
    ///
    /// - Parameters:
    ///   - targets: classes that must be there.
    ///   - seed: where the random numbers start.
    package mutating func choose(targets: some Sequence<Int32>, seed: UInt64) {
        for wordClass in classes { places[Int(wordClass)] = -1 }
        classes.removeAll(keepingCapacity: true)
        corrections.removeAll(keepingCapacity: true)
        for wordClass in 0..<frequent { add(Int32(wordClass), correction: 0) }
        for target in targets where places[Int(target)] < 0 { add(target, correction: 0) }
        // A multiple of the widest block of the kernels' products.
        let size = min(max(least, (classes.count + 127) / 64 * 64), classCount)
        let others = classCount - classes.count
        let drawn = size - classes.count
        guard drawn > 0 else { return }
        if drawn == others {
            for wordClass in frequent..<classCount where places[wordClass] < 0 {
                add(Int32(wordClass), correction: 0)
            }
            return
        }
        let correction = (Double(others) / Double(drawn)).naturalLogarithm
        var generator = SplitMix64(seed: seed)
        while classes.count < size {
            let wordClass =
                frequent + Int(generator.next(upperBound: UInt64(classCount - frequent)))
            if places[wordClass] < 0 { add(Int32(wordClass), correction: correction) }
        }
    }

    private mutating func add(_ wordClass: Int32, correction: Double) {
        places[Int(wordClass)] = Int32(classes.count)
        classes.append(wordClass)
        corrections.append(correction)
    }
}
