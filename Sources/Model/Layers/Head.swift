/// What the outputs of a network mean.
public enum OutputKind: String, Sendable, Equatable {
    /// One label of all: the outputs are the logits of one distribution.
    case oneLabel = "one"
    /// Any number of labels, none included: each output is the logit of its own label.
    case multi
}

/// The end of a network: the probabilities that its logits are, the answer, and how wrong it is.
///
/// The architecture's output kind says which head a network has. What a text is to get is a
/// *target*, by its number: the number of a label, or that of a set of labels.
package enum Head: Sendable {
    /// `p = softmax(logits)`; the most probable label; its cross-entropy. A target is a label.
    case softmax
    /// `p = σ(logit)` for each label; the sum of the binary cross-entropies. A target is a set.
    case sigmoid(TargetSets)

    /// The head for outputs of this kind, to answer with.
    package init(_ output: OutputKind) {
        switch output {
        case .oneLabel: self = .softmax
        case .multi: self = .sigmoid(TargetSets([]))
        }
    }

    /// The numbers of the labels that a target asks for.
    package func labels(of target: Int) -> [Int] {
        switch self {
        case .softmax: [target]
        case .sigmoid(let sets): sets[target].map(Int.init)
        }
    }

    /// Turns logits into probabilities, in place.
    package func probabilities(_ logits: UnsafeMutableBufferPointer<Float>) {
        switch self {
        case .softmax: Model.softmax(logits)
        case .sigmoid:
            for index in logits.indices { logits[index] = Head.sigmoid(logits[index]) }
        }
    }

    /// The probabilities of `logits`, for training and reports.
    package func probabilities(of logits: [Float]) -> [Float] {
        var values = logits
        values.withUnsafeMutableBufferPointer { probabilities($0) }
        return values
    }

    /// The place of the most probable label, of equals the first; of a softmax it is the answer.
    package func decision(_ probabilities: UnsafeBufferPointer<Float>) -> Int {
        var best = 0
        for place in probabilities.indices where probabilities[place] > probabilities[best] {
            best = place
        }
        return best
    }

    /// The same of probabilities in an array, counted from the first of them.
    package func decision(_ probabilities: ArraySlice<Float>) -> Int {
        probabilities.withUnsafeBufferPointer { decision($0) }
    }

    /// Turns the logits of one text into probabilities, in place.
    ///
    /// - Parameters:
    ///   - logits: shape `(classes)`; replaced by probabilities.
    ///   - classes: the number of labels.
    ///   - label: the text's target.
    /// - Returns: The loss in nats: `-ln p[label]`, or the sum over the labels of `-ln p` for those
    ///   of the set and `-ln(1 - p)` for the others.
    package func loss<Scalar: KernelScalar>(
        _ logits: UnsafeMutablePointer<Scalar>,
        classes: Int,
        label: Int
    ) -> Scalar {
        switch self {
        case .softmax: Scalar.softmaxCrossEntropy(logits, classes: classes, label: label)
        case .sigmoid(let sets): Head.sigmoidLoss(logits, classes: classes, set: sets[label])
        }
    }

    /// Turns the probabilities that `loss` left into its gradient, `p` less 1 at the target's
    /// labels.
    package func differentiate<Scalar: KernelScalar>(
        _ probabilities: UnsafeMutablePointer<Scalar>,
        label: Int
    ) {
        switch self {
        case .softmax: probabilities[label] -= 1
        case .sigmoid(let sets):
            for label in sets[label] { probabilities[Int(label)] -= 1 }
        }
    }

    /// The loss of an answer that gave the text's own label this probability, in nats; one of 0
    /// counts as the least normal number.
    package func loss(ofProbability probability: Float) -> Double {
        -Double(max(probability, .leastNormalMagnitude)).naturalLogarithm
    }

    /// The loss of the probabilities of one text; see `loss(ofProbability:)`.
    ///
    /// - Parameters:
    ///   - probabilities: those of all labels.
    ///   - label: the text's target.
    /// - Returns: The loss in nats.
    package func loss(ofProbabilities probabilities: ArraySlice<Float>, label: Int) -> Double {
        switch self {
        case .softmax:
            return loss(ofProbability: probabilities[probabilities.startIndex + label])
        case .sigmoid(let sets):
            let given = sets[label]
            return probabilities.enumerated().reduce(0) { sum, entry in
                let isGiven = given.contains(Int32(entry.offset))
                return sum + loss(ofProbability: isGiven ? entry.element : 1 - entry.element)
            }
        }
    }

    /// `1/(1 + e^-x)`; neither end overflows.
    private static func sigmoid<Scalar: KernelScalar>(_ x: Scalar) -> Scalar {
        let small = Scalar.exponential(-abs(x))
        return x >= 0 ? 1 / (1 + small) : small / (1 + small)
    }

    /// `Σ max(y, 0) - y·t + ln(1 + e^-|y|)` over the labels, with t = 1 for those of the set.
    private static func sigmoidLoss<Scalar: KernelScalar>(
        _ logits: UnsafeMutablePointer<Scalar>,
        classes: Int,
        set: ArraySlice<Int32>
    ) -> Scalar {
        var sum = 0.0
        for label in set { sum -= logits[Int(label)].double }
        // Each factor is at most 2, so that 512 of them are far from overflow.
        var product = 1.0
        for index in 0..<classes {
            let y = logits[index]
            let small = Scalar.exponential(-abs(y))
            product *= 1 + small.double
            if index % 512 == 511 {
                sum += product.naturalLogarithm
                product = 1
            }
            if y > 0 { sum += y.double }
            logits[index] = y >= 0 ? 1 / (1 + small) : small / (1 + small)
        }
        return Scalar(sum + product.naturalLogarithm)
    }
}

/// Sets of labels, by their numbers: the targets of texts that may have several labels.
package struct TargetSets: Sendable, Equatable {
    private let labels: [Int32]
    private let ends: [Int]

    /// Lists sets; each holds the numbers of its labels, once and ascending.
    package init(_ sets: [[Int]]) {
        labels = sets.flatMap { $0.map(Int32.init) }
        var end = 0
        ends = sets.map { set in
            end += set.count
            return end
        }
    }

    /// How many sets there are.
    package var count: Int { ends.count }

    /// The labels of a set, ascending.
    package subscript(_ set: Int) -> ArraySlice<Int32> {
        labels[(set == 0 ? 0 : ends[set - 1])..<ends[set]]
    }
}
