internal import Model

/// Vectors as networks read them: centred, in fewer dimensions, of length 1 on average.
enum PreparedVectors {
    /// How many dimensions are kept: with more nothing was gained (RECIPE).
    static let dimensions = 64
    /// Rows that are summed up in float32.
    private static let block = 1024

    /// The words with their prepared vectors; nil if there is nothing to tell them apart by.
    static func vectors(_ words: KeptWords, source: WordVectors.Source) -> WordVectors? {
        let (count, width) = (words.words.count, source.dimensions)
        let kept = min(width, dimensions)
        var numbers = words.numbers
        centre(&numbers, width: width)
        let axes = PrincipalAxes(covariance(numbers, width: width), width: width)
            .greatest(kept)
        var projected = [Float](repeating: 0, count: count * kept)
        projected.withUnsafeMutableBufferPointer { out in
            guard let out = out.baseAddress else { return }
            Float.product(
                out,
                stride: kept,
                numbers,
                row: width,
                step: 1,
                axes,
                stride: kept,
                rows: count,
                inner: width,
                columns: kept
            )
        }
        var length = 0.0
        for word in 0..<count {
            let row = projected[(word * kept)..<((word + 1) * kept)]
            length += row.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        }
        let scale = Float(Double(count) / length)
        guard scale.isFinite else { return nil }
        for index in projected.indices { projected[index] *= scale }
        guard projected.allSatisfy(\.isFinite) else { return nil }
        return WordVectors(source: source, words: words.words, rounding: projected)
    }

    /// Takes the mean of all rows off each.
    private static func centre(_ numbers: inout [Float], width: Int) {
        var mean = [Double](repeating: 0, count: width)
        for index in numbers.indices { mean[index % width] += Double(numbers[index]) }
        let share = Double(width) / Double(numbers.count)
        for index in numbers.indices {
            numbers[index] -= Float(mean[index % width] * share)
        }
    }

    /// `Σ x·xᵀ` of all rows, (width × width).
    private static func covariance(_ numbers: [Float], width: Int) -> [Double] {
        let count = numbers.count / width
        var sum = [Double](repeating: 0, count: width * width)
        var part = [Float](repeating: 0, count: width * width)
        for start in stride(from: 0, to: count, by: block) {
            let rows = min(block, count - start)
            part.withUnsafeMutableBufferPointer { part in
                numbers.withUnsafeBufferPointer { numbers in
                    guard let part = part.baseAddress, let numbers = numbers.baseAddress else {
                        return
                    }
                    part.update(repeating: 0, count: width * width)
                    Float.product(
                        part,
                        stride: width,
                        numbers + start * width,
                        row: 1,
                        step: width,
                        numbers + start * width,
                        stride: width,
                        rows: width,
                        inner: rows,
                        columns: width
                    )
                }
            }
            for index in sum.indices { sum[index] += Double(part[index]) }
        }
        return sum
    }
}
