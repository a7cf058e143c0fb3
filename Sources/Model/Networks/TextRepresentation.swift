extension TextClassifier {
    /// What the network makes of a text before its output layer: the pooled states of a recurrent
    /// path, else the probabilities.
    ///
    /// Texts that are alike to the model are close by it.
    ///
    /// - Parameters:
    ///   - utf8: the text.
    ///   - scratch: as of `classify`; afterwards it has the probabilities.
    /// - Returns: As many numbers for every text.
    package func representation(
        utf8: UnsafeBufferPointer<UInt8>,
        scratch: ClassifierScratch
    ) -> [Float] {
        _ = classify(utf8: utf8, scratch: scratch)
        guard let width = pooledWidth, let mixed = scratch.mixed else {
            return Array(scratch.probabilities)
        }
        let pooled = UnsafeBufferPointer(start: mixed.network.pooled.pointer, count: width)
        return Array(pooled)
    }
}
