/// The scalar type that a network computes in.
///
/// `Float` does the work, in vector code. `Double` is the same source compiled plainly: the
/// reference that every gradient is checked with. Matrices are row-major.
package protocol KernelScalar: BinaryFloatingPoint, BitwiseCopyable, Sendable {
    typealias Pointer = UnsafeMutablePointer<Self>
    typealias ConstPointer = UnsafePointer<Self>

    /// `out[i, j] += Σ_k x[i·xRow + k·xStep] · w[k·wStride + j]`, the sum in order of `k`.
    static func product(
        _ out: Pointer,
        stride outStride: Int,
        _ x: ConstPointer,
        row xRow: Int,
        step xStep: Int,
        _ w: ConstPointer,
        stride wStride: Int,
        rows: Int,
        inner: Int,
        columns: Int
    )
    static func elmanForward(
        rows: Int,
        hidden: Int,
        input: ConstPointer,
        recurrent: ConstPointer,
        h: Pointer
    )
    static func elmanBackward(
        rows: Int,
        hidden: Int,
        h: ConstPointer,
        dh: ConstPointer,
        dInput: Pointer
    )
    static func gruForward(
        rows: Int,
        hidden: Int,
        input: ConstPointer,
        recurrent: ConstPointer,
        previous: ConstPointer,
        h: Pointer,
        saved: Pointer
    )
    static func gruBackward(
        rows: Int,
        hidden: Int,
        previous: ConstPointer,
        saved: ConstPointer,
        dh: ConstPointer,
        dInput: Pointer,
        dRecurrent: Pointer,
        carry: Pointer
    )
    static func lstmForward(
        rows: Int,
        hidden: Int,
        input: ConstPointer,
        recurrent: ConstPointer,
        previousC: ConstPointer,
        c: Pointer,
        h: Pointer,
        saved: Pointer
    )
    static func lstmBackward(
        rows: Int,
        hidden: Int,
        previousC: ConstPointer,
        saved: ConstPointer,
        dh: ConstPointer,
        dc: Pointer,
        dInput: Pointer
    )
    /// Logits become probabilities; returns `-ln p[label]` in nats.
    static func softmaxCrossEntropy(_ logits: Pointer, classes: Int, label: Int) -> Self
    /// Adam with element-wise clipping; zeroes `gradient`.
    static func adam(
        count: Int,
        parameters: Pointer,
        gradient: Pointer,
        first: Pointer,
        second: Pointer,
        rate: Self,
        correction: Self,
        clip: Self
    )
    /// `average += step · (parameters - average)`.
    static func moveAverage(count: Int, _ average: Pointer, toward: ConstPointer, step: Self)
    /// `out += scale · x`.
    static func addScaled(count: Int, _ out: Pointer, _ x: ConstPointer, scale: Self)
    /// `out += Σ_j values[j·step] · table[ids[j], :]`, in order of `j`; step 0 repeats one value.
    static func gather(
        _ out: Pointer,
        table: ConstPointer,
        ids: UnsafePointer<Int32>,
        values: ConstPointer,
        step: Int,
        count: Int,
        columns: Int
    )
    /// Keeps the greater of `maximum` and `x`, and in `rows` the number of the row it came from.
    static func keepMaximum(
        count: Int,
        _ maximum: Pointer,
        rows: UnsafeMutablePointer<Int32>,
        _ x: ConstPointer,
        row: Int32
    )
    /// An inverted-dropout mask: 0 with probability `threshold / 65536`, else `scale`.
    static func dropoutMask(
        count: Int,
        _ mask: Pointer,
        seed: UInt64,
        threshold: UInt32,
        scale: Self
    )
    /// `eˣ`, without libm in float32.
    static func exponential(_ x: Self) -> Self
    /// `out` (columns × rows) = the transpose of `x` (rows × columns).
    static func transpose(_ out: Pointer, _ x: ConstPointer, rows: Int, columns: Int)
}
