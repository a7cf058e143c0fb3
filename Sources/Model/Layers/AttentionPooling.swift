/// The mean of the states weighted by attention with one learned query.
///
/// `α_t = softmax_t(h_t · v)`, `out = Σ_t α_t h_t` with h_t the states of all directions at
/// token t (Bahdanau et al. 2015, with a constant query as in Yang et al. 2016).
struct AttentionPooling<Scalar: KernelScalar> {
    let batch: PackedBatch
    let hiddenSize: Int

    /// The states of each direction, (rows × hidden); direction 1 walks backwards.
    typealias Directions<P> = [P]

    /// Writes the pooled states to `out` (directions · hidden wide, `stride` a text) and the
    /// weights to `weights` (rows, in the order of direction 0).
    func forward(
        states: Directions<UnsafePointer<Scalar>>,
        query: UnsafePointer<Scalar>,
        out: UnsafeMutablePointer<Scalar>,
        stride: Int,
        weights: UnsafeMutablePointer<Scalar>
    ) {
        for text in 0..<batch.textCount {
            let length = batch.lengths[text]
            var maximum = -Scalar.infinity
            for token in 0..<length {
                var score: Scalar = 0
                for (direction, base) in states.enumerated() {
                    let h = base + row(text, token, direction) * hiddenSize
                    let v = query + direction * hiddenSize
                    for unit in 0..<hiddenSize { score += h[unit] * v[unit] }
                }
                weights[row(text, token, 0)] = score
                maximum = Swift.max(maximum, score)
            }
            var total: Scalar = 0
            for token in 0..<length {
                let weight = Scalar.exponential(weights[row(text, token, 0)] - maximum)
                weights[row(text, token, 0)] = weight
                total += weight
            }
            let target = out + text * stride
            target.zero(count: hiddenSize * states.count)
            for token in 0..<length {
                weights[row(text, token, 0)] /= total
                for (direction, base) in states.enumerated() {
                    Scalar.addScaled(
                        count: hiddenSize,
                        target + direction * hiddenSize,
                        base + row(text, token, direction) * hiddenSize,
                        scale: weights[row(text, token, 0)]
                    )
                }
            }
        }
    }

    /// Adds the gradients of the states and of the query.
    func backward(
        states: Directions<UnsafePointer<Scalar>>,
        query: UnsafePointer<Scalar>,
        weights: UnsafePointer<Scalar>,
        gradient: UnsafePointer<Scalar>,
        stride: Int,
        dStates: Directions<UnsafeMutablePointer<Scalar>>,
        dQuery: UnsafeMutablePointer<Scalar>,
        scratch: ScalarBuffer<Scalar>
    ) {
        for text in 0..<batch.textCount {
            let length = batch.lengths[text]
            let source = gradient + text * stride
            let dWeights = scratch.zeros(length)
            var mean: Scalar = 0
            for token in 0..<length {
                for (direction, base) in states.enumerated() {
                    let h = base + row(text, token, direction) * hiddenSize
                    let d = source + direction * hiddenSize
                    for unit in 0..<hiddenSize { dWeights[token] += h[unit] * d[unit] }
                }
                mean += dWeights[token] * weights[row(text, token, 0)]
            }
            for token in 0..<length {
                let weight = weights[row(text, token, 0)]
                let dScore = weight * (dWeights[token] - mean)
                for (direction, base) in states.enumerated() {
                    let offset = row(text, token, direction) * hiddenSize
                    let slice = direction * hiddenSize
                    Scalar.addScaled(
                        count: hiddenSize,
                        dStates[direction] + offset,
                        source + slice,
                        scale: weight
                    )
                    Scalar.addScaled(
                        count: hiddenSize,
                        dStates[direction] + offset,
                        query + slice,
                        scale: dScore
                    )
                    Scalar.addScaled(
                        count: hiddenSize,
                        dQuery + slice,
                        base + offset,
                        scale: dScore
                    )
                }
            }
        }
    }

    /// The row of `token` of `text` in the order in which `direction` walks.
    private func row(_ text: Int, _ token: Int, _ direction: Int) -> Int {
        let step = direction == 0 ? token : batch.lengths[text] - 1 - token
        return batch.row(text: text, step: step)
    }
}
