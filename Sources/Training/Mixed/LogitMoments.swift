/// Sums over the logits of one row, four labels at a time.
struct LogitMoments {
    /// The mean under the probabilities.
    private(set) var expected = 0.0
    /// The mean of the squares under the probabilities.
    private(set) var square = 0.0
    /// The mean over all labels alike.
    private(set) var mean = 0.0

    /// The moments of `count` values, each with a probability.
    init(_ values: UnsafePointer<Float>, _ probabilities: UnsafePointer<Float>, count: Int) {
        var (first, second, plain) = (SIMD4<Double>(), SIMD4<Double>(), SIMD4<Double>())
        let whole = count & ~3
        for index in stride(from: 0, to: whole, by: 4) {
            let (x, p) = (lanes(values + index), lanes(probabilities + index))
            first += p * x
            second += p * x * x
            plain += x
        }
        (expected, square, mean) = (first.sum(), second.sum(), plain.sum())
        for index in whole..<count {
            let (x, p) = (Double(values[index]), Double(probabilities[index]))
            expected += p * x
            square += p * x * x
            mean += x
        }
        mean /= Double(count)
    }

    /// The mean product of two rows under the probabilities.
    static func product(
        _ first: UnsafePointer<Float>,
        _ second: UnsafePointer<Float>,
        _ probabilities: UnsafePointer<Float>,
        count: Int
    ) -> Double {
        var sums = SIMD4<Double>()
        let whole = count & ~3
        for index in stride(from: 0, to: whole, by: 4) {
            sums += lanes(probabilities + index) * lanes(first + index) * lanes(second + index)
        }
        var sum = sums.sum()
        for index in whole..<count {
            sum += Double(probabilities[index]) * Double(first[index]) * Double(second[index])
        }
        return sum
    }
}

/// Four values, as doubles.
private func lanes(_ place: UnsafePointer<Float>) -> SIMD4<Double> {
    SIMD4<Double>(UnsafeRawPointer(place).loadUnaligned(as: SIMD4<Float>.self))
}
