extension Checkpoint {
    /// This model without the features that matter least: the rows of the linear path with the
    /// smallest length are left out, and with them their words and n-grams.
    ///
    /// The article's network and networks without a linear path stay as they are.
    ///
    /// - Parameter share: how many of the features are kept, above 0 and at most 1.
    /// - Returns: A valid checkpoint of the same name, labels and recurrent path.
    public func pruned(keeping share: Double) -> Checkpoint {
        precondition(share > 0 && share <= 1, "A share is above 0 and at most 1")
        guard case .mixed(var shape) = architecture.network, shape.featureCount > 0,
            let lists = features, let linear = tensors["linear"]
        else { return self }
        let width = labels.count
        let squares = (0..<shape.featureCount).map { row in
            linear.values[(row * width)..<((row + 1) * width)]
                .reduce(0) { $0 + Double($1) * Double($1) }
        }
        let kept = max(Int((Double(shape.featureCount) * share).rounded()), 1)
        guard kept < shape.featureCount else { return self }
        // Of equals, the first: the more frequent ones.
        let rows = squares.indices.sorted { (squares[$0], $1) > (squares[$1], $0) }
            .prefix(kept).sorted()
        var result = self
        shape.featureCount = kept
        result.architecture.network = .mixed(shape)
        result.features = lists.keeping(rows)
        result.tensors["linear"] = Tensor(
            shape: [kept, width],
            values: rows.flatMap { linear.values[($0 * width)..<(($0 + 1) * width)] },
            scale: linear.scale
        )
        result.training = training.withoutFigures()
        return result
    }
}
