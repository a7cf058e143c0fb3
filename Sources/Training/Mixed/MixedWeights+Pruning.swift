internal import Model

extension MixedWeights {
    /// The features of the linear path that matter most, at most `most` of them, and their weights,
    /// with those of word vectors behind.
    ///
    /// A feature matters by the square of what it adds to the logits, in the mean over the texts:
    /// that of its weights, of its value, and its share of the texts.
    func mostImportant(_ most: Int) -> (lists: FeatureLists, linear: [Float]) {
        let lists = lookup.lists
        guard lists.featureCount > most else { return (lists, linear) }
        let width = shape.classCount
        let squares = lists.inverseFrequencies.enumerated().map { feature, inverse in
            let inverse = Double(inverse)
            // e^-inverse is the share of the texts, but for a factor.
            return linear[(feature * width)..<((feature + 1) * width)]
                .reduce(0) { $0 + Double($1) * Double($1) }
                * inverse * inverse * (-inverse).exponential
        }
        // Of equals, the first: the more frequent ones.
        let kept = squares.indices.sorted { (squares[$0], $1) > (squares[$1], $0) }
            .prefix(most).sorted()
        let rows = kept.flatMap { linear[($0 * width)..<(($0 + 1) * width)] }
        return (lists.keeping(kept), rows + linear[(lists.featureCount * width)...])
    }
}
