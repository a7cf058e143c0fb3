package import CKernels

/// The scalar type that a network computes in.
///
/// `Float` does the work, in vector code. `Double` is the same source compiled plainly: the
/// reference that every gradient is checked with. Matrices are row-major.
package protocol KernelScalar: BinaryFloatingPoint, BitwiseCopyable, Sendable {
    typealias Pointer = UnsafeMutablePointer<Self>
    typealias ConstPointer = UnsafePointer<Self>

    /// By which name the kernels know it.
    static var kernels: ck_scalar { get }
    /// This number as the kernels take it; exact.
    var double: Double { get }
}

extension Float: KernelScalar {
    package static var kernels: ck_scalar { CK_FLOAT32 }
    package var double: Double { Double(self) }
}

extension Double: KernelScalar {
    package static var kernels: ck_scalar { CK_FLOAT64 }
    package var double: Double { self }
}

extension KernelScalar {
    /// `out[i, j] += Σ_k x[i·xRow + k·xStep] · w[k·wStride + j]`, the sum in order of `k`.
    @inline(__always)
    package static func product(
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
    ) {
        ck_product(kernels, out, outStride, x, xRow, xStep, w, wStride, rows, inner, columns)
    }

    /// `h = tanh(input + recurrent)`, each (rows × hidden).
    @inline(__always)
    package static func elmanForward(
        rows: Int,
        hidden: Int,
        input: ConstPointer,
        recurrent: ConstPointer,
        h: Pointer
    ) {
        ck_elman_forward(kernels, rows, hidden, input, recurrent, h)
    }

    /// `dInput = dh · (1 - h²)`, each (rows × hidden).
    @inline(__always)
    package static func elmanBackward(
        rows: Int,
        hidden: Int,
        h: ConstPointer,
        dh: ConstPointer,
        dInput: Pointer
    ) {
        ck_elman_backward(kernels, rows, hidden, h, dh, dInput)
    }

    /// Logits become probabilities; returns `-ln p[label]` in nats.
    @inline(__always)
    package static func softmaxCrossEntropy(_ logits: Pointer, classes: Int, label: Int) -> Self {
        Self(ck_softmax_cross_entropy(kernels, logits, classes, label))
    }

    /// Adam with element-wise clipping; zeroes `gradient`.
    @inline(__always)
    package static func adam(
        count: Int,
        parameters: Pointer,
        gradient: Pointer,
        first: Pointer,
        second: Pointer,
        rate: Self,
        correction: Self,
        clip: Self
    ) {
        ck_adam(
            kernels,
            count,
            parameters,
            gradient,
            first,
            second,
            rate.double,
            correction.double,
            clip.double
        )
    }

    /// `average += step · (parameters - average)`.
    @inline(__always)
    package static func moveAverage(
        count: Int,
        _ average: Pointer,
        toward parameters: ConstPointer,
        step: Self
    ) {
        ck_average(kernels, count, average, parameters, step.double)
    }

    /// `out += scale · x`.
    @inline(__always)
    package static func addScaled(count: Int, _ out: Pointer, _ x: ConstPointer, scale: Self) {
        ck_add_scaled(kernels, count, out, x, scale.double)
    }

    /// `out += Σ_j values[j·step] · table[ids[j], :]`, in order of `j`; step 0 repeats one
    /// value.
    @inline(__always)
    package static func gather(
        _ out: Pointer,
        table: ConstPointer,
        ids: UnsafePointer<Int32>,
        values: ConstPointer,
        step: Int,
        count: Int,
        columns: Int
    ) {
        ck_gather(kernels, out, table, ids, values, step, count, columns)
    }

    /// Keeps the greater of `maximum` and `x`, and in `rows` the number of the row it came from.
    @inline(__always)
    package static func keepMaximum(
        count: Int,
        _ maximum: Pointer,
        rows: UnsafeMutablePointer<Int32>,
        _ x: ConstPointer,
        row: Int32
    ) {
        ck_maximum(kernels, count, maximum, rows, x, row)
    }

    /// An inverted-dropout mask: 0 with probability `threshold / 65536`, else `scale`.
    @inline(__always)
    package static func dropoutMask(
        count: Int,
        _ mask: Pointer,
        seed: UInt64,
        threshold: UInt32,
        scale: Self
    ) {
        ck_dropout_mask(kernels, count, mask, seed, threshold, scale.double)
    }

    /// `eˣ`, without libm in float32.
    @inline(__always)
    package static func exponential(_ x: Self) -> Self { Self(ck_exponential(kernels, x.double)) }

    /// `out` (columns × rows) = the transpose of `x` (rows × columns).
    @inline(__always)
    package static func transpose(_ out: Pointer, _ x: ConstPointer, rows: Int, columns: Int) {
        ck_transpose(kernels, out, x, rows, columns)
    }
}

extension Float {
    /// `table[ids[j], :] += values[j] · scale · x`, rows `columns` wide, in order of `j`.
    package static func scatter(
        _ table: Pointer,
        ids: UnsafePointer<Int32>,
        values: ConstPointer,
        scale: Float,
        count: Int,
        _ x: ConstPointer,
        columns: Int
    ) {
        ck_scatter(CK_FLOAT32, table, ids, values, Double(scale), count, x, columns)
    }

    /// `Σ x·y`.
    package static func dot(count: Int, _ x: ConstPointer, _ y: ConstPointer) -> Double {
        ck_dot(CK_FLOAT32, count, x, y)
    }

    /// For each row `ids[j]`, `columns` wide: the average moves by `steps[j]` towards the
    /// parameters, then Adam, which zeroes the gradient and multiplies each step by its scale.
    package static func adamRows(
        count: Int,
        ids: UnsafePointer<Int32>,
        averageSteps: UnsafePointer<Float>,
        columns: Int,
        parameters: Pointer,
        gradient: Pointer,
        first: Pointer,
        second: Pointer,
        average: Pointer,
        scales: ConstPointer? = nil,
        rate: Float,
        correction: Float,
        clip: Float
    ) {
        ck_adam_rows(
            CK_FLOAT32,
            count,
            ids,
            averageSteps,
            columns,
            parameters,
            gradient,
            first,
            second,
            average,
            scales,
            Double(rate),
            Double(correction),
            Double(clip)
        )
    }

    /// `out += scale · x`.
    ///
    /// Other rooms call it for each feature of each text; from there the generic function costs
    /// more than a short sum.
    package static func addScaled(count: Int, _ out: Pointer, _ x: ConstPointer, scale: Float) {
        ck_add_scaled(CK_FLOAT32, count, out, x, Double(scale))
    }
}
