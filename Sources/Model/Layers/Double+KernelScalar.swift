private import CKernels

extension Double: KernelScalar {
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
        ck_product_f64(out, outStride, x, xRow, xStep, w, wStride, rows, inner, columns)
    }

    package static func elmanForward(
        rows: Int,
        hidden: Int,
        input: ConstPointer,
        recurrent: ConstPointer,
        h: Pointer
    ) {
        ck_elman_forward_f64(rows, hidden, input, recurrent, h)
    }

    package static func elmanBackward(
        rows: Int,
        hidden: Int,
        h: ConstPointer,
        dh: ConstPointer,
        dInput: Pointer
    ) {
        ck_elman_backward_f64(rows, hidden, h, dh, dInput)
    }

    package static func gruForward(
        rows: Int,
        hidden: Int,
        input: ConstPointer,
        recurrent: ConstPointer,
        previous: ConstPointer,
        h: Pointer,
        saved: Pointer
    ) {
        ck_gru_forward_f64(rows, hidden, input, recurrent, previous, h, saved)
    }

    package static func gruBackward(
        rows: Int,
        hidden: Int,
        previous: ConstPointer,
        saved: ConstPointer,
        dh: ConstPointer,
        dInput: Pointer,
        dRecurrent: Pointer,
        carry: Pointer
    ) {
        ck_gru_backward_f64(rows, hidden, previous, saved, dh, dInput, dRecurrent, carry)
    }

    package static func lstmForward(
        rows: Int,
        hidden: Int,
        input: ConstPointer,
        recurrent: ConstPointer,
        previousC: ConstPointer,
        c: Pointer,
        h: Pointer,
        saved: Pointer
    ) {
        ck_lstm_forward_f64(rows, hidden, input, recurrent, previousC, c, h, saved)
    }

    package static func lstmBackward(
        rows: Int,
        hidden: Int,
        previousC: ConstPointer,
        saved: ConstPointer,
        dh: ConstPointer,
        dc: Pointer,
        dInput: Pointer
    ) {
        ck_lstm_backward_f64(rows, hidden, previousC, saved, dh, dc, dInput)
    }

    package static func softmaxCrossEntropy(_ logits: Pointer, classes: Int, label: Int) -> Self {
        ck_softmax_cross_entropy_f64(logits, classes, label)
    }

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
        ck_adam_f64(count, parameters, gradient, first, second, rate, correction, clip)
    }

    package static func moveAverage(
        count: Int,
        _ average: Pointer,
        toward parameters: ConstPointer,
        step: Self
    ) {
        ck_average_f64(count, average, parameters, step)
    }

    package static func addScaled(count: Int, _ out: Pointer, _ x: ConstPointer, scale: Self) {
        ck_add_scaled_f64(count, out, x, scale)
    }

    package static func gather(
        _ out: Pointer,
        table: ConstPointer,
        ids: UnsafePointer<Int32>,
        values: ConstPointer,
        step: Int,
        count: Int,
        columns: Int
    ) {
        ck_gather_f64(out, table, ids, values, step, count, columns)
    }

    package static func keepMaximum(
        count: Int,
        _ maximum: Pointer,
        rows: UnsafeMutablePointer<Int32>,
        _ x: ConstPointer,
        row: Int32
    ) {
        ck_maximum_f64(count, maximum, rows, x, row)
    }

    package static func dropoutMask(
        count: Int,
        _ mask: Pointer,
        seed: UInt64,
        threshold: UInt32,
        scale: Self
    ) {
        ck_dropout_mask_f64(count, mask, seed, threshold, scale)
    }

    package static func exponential(_ x: Self) -> Self { ck_exponential_f64(x) }

    package static func transpose(_ out: Pointer, _ x: ConstPointer, rows: Int, columns: Int) {
        ck_transpose_f64(out, x, rows, columns)
    }
}
