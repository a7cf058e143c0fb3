public import Examples
internal import Model

/// Sentences whose label follows from some of their words, made from a seed.
public struct SyntheticTexts {
    /// The sentences.
    public let examples: [Example]

    /// Makes `count` sentences with one of `labels` labels each.
    ///
    /// A share of `noise` has a label that is drawn at random.
    public init(_ count: Int, labels: Int = 3, seed: UInt64 = 1, noise: Double = 0) {
        var generator = SplitMix64(seed: seed)
        func draw(_ limit: Int) -> Int { Int(generator.next(upperBound: UInt64(limit))) }
        let fillers = ["please", "can", "you", "the", "my", "now", "for", "with", "a", "it"]
        examples = (0..<count).map { _ in
            let topic = draw(labels)
            let isNoise = Double(draw(1000)) < noise * 1000
            let words =
                (0..<(3 + draw(4))).map { _ in fillers[draw(fillers.count)] }
                + ["topic\(topic)word\(draw(6))", "x\(draw(80))"]
            return Example(
                label: "label \(isNoise ? draw(labels) : topic)",
                text: words.joined(separator: " ")
            )
        }
    }
}
