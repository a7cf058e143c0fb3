internal import CKernels

/// Turns logits into probabilities, in place.
///
/// `p_i = e^(y_i - max y) / Σ_j e^(y_j - max y)`; the maximum is subtracted so that no finite
/// logits overflow.
///
/// - Parameter values: logits, shape `(classCount)`, at least one; replaced by probabilities.
/// - Complexity: O(classCount); allocates nothing.
package func softmax(_ values: UnsafeMutableBufferPointer<Float>) {
    guard let first = values.baseAddress, !values.isEmpty else { return }
    ck_softmax(first, values.count, first)
}

/// The probabilities of `logits`, for tests and training reports.
package func softmax(_ logits: [Float]) -> [Float] {
    var values = logits
    values.withUnsafeMutableBufferPointer { softmax($0) }
    return values
}
