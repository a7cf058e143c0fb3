private import CKernels

/// One direction of a recurrent network over a packed batch: all products with the weights.
///
/// `a = x·Wx + b`, `u = h_{t-1}·U + c`, and the cell makes h_t of the two (c only where the cell
/// has one, on its last gate). A cell with a candidate reads `z = tanh(x·Wx)` and `z·V + b`
/// instead of a. Shapes: Wx (inputSize × gates·hidden, or hidden for a candidate), U and V
/// (hidden × gates·hidden), b (gates·hidden), c (hidden).
package struct RecurrentLayer<Scalar: KernelScalar>: Sendable {
    package typealias Pointer = UnsafeMutablePointer<Scalar>
    package typealias ConstPointer = UnsafePointer<Scalar>

    let cell: any Cell<Scalar>.Type
    let inputSize: Int
    let hiddenSize: Int
    /// Columns of U, V and b.
    var width: Int { cell.gateCount * hiddenSize }
    /// Columns of Wx.
    private var projectedWidth: Int { cell.projectedCount * hiddenSize }
    /// Values that a step reads of a token.
    var inputWidth: Int { cell.inputCount * hiddenSize }

    /// The weights of one direction.
    struct Weights<P> {
        var wx: P
        var u: P
        /// Only read where the cell has a candidate.
        var v: P
        var b: P
        /// Only read where the cell has a recurrent bias.
        var c: P
    }

    /// Wxᵀ, Uᵀ and Vᵀ (gates·hidden × hidden), for backward.
    struct Transposes {
        var wx: ConstPointer
        var u: ConstPointer
        var v: ConstPointer
    }

    /// What forward leaves for pooling and backward, used by one thread at a time.
    final class Workspace {
        let input = ScalarBuffer<Scalar>()
        let recurrent = ScalarBuffer<Scalar>()
        let states = ScalarBuffer<Scalar>()
        let memories = ScalarBuffer<Scalar>()
        let saved = ScalarBuffer<Scalar>()
        /// h_{-1} and c_{-1}: zeros.
        let origin = ScalarBuffer<Scalar>()
        let dStates = ScalarBuffer<Scalar>()
        let dMemory = ScalarBuffer<Scalar>()
        let dInput = ScalarBuffer<Scalar>()
        let dRecurrent = ScalarBuffer<Scalar>()
        let carry = ScalarBuffer<Scalar>()
        let previous = ScalarBuffer<Scalar>()
    }

    /// Computes `workspace.states` (rows × hidden) from `x` (rows × inputSize).
    ///
    /// - Complexity: O(rows · gates · hidden · (inputSize + hidden)).
    func forward(
        _ batch: PackedBatch,
        x: ConstPointer,
        weights: Weights<ConstPointer>,
        workspace: Workspace
    ) {
        let input = workspace.input.reserve(batch.rowCount * inputWidth)
        project(x, rows: batch.rowCount, weights: weights, into: input)
        advance(batch, weights: weights, workspace: workspace)
    }

    /// Writes what steps read of `x` (rows × inputSize): `x·Wx + b`, or z and `z·V + b`.
    func project(
        _ x: ConstPointer,
        rows: Int,
        weights: Weights<ConstPointer>,
        into out: Pointer
    ) {
        let gates = inputWidth - width
        for row in 0..<rows {
            (out + row * inputWidth).zero(count: gates)
            (out + row * inputWidth + gates).update(from: weights.b, count: width)
        }
        Scalar.product(
            out,
            stride: inputWidth,
            x,
            row: inputSize,
            step: 1,
            weights.wx,
            stride: projectedWidth,
            rows: rows,
            inner: inputSize,
            columns: projectedWidth
        )
        guard cell.hasCandidate else { return }
        ck_candidate_forward(Scalar.kernels, rows, hiddenSize, inputWidth, out)
        Scalar.product(
            out + gates,
            stride: inputWidth,
            out,
            row: inputWidth,
            step: 1,
            weights.v,
            stride: width,
            rows: rows,
            inner: hiddenSize,
            columns: width
        )
    }

    /// Computes `workspace.states` from `workspace.input` (rows × inputWidth), which `project` has
    /// filled.
    func advance(_ batch: PackedBatch, weights: Weights<ConstPointer>, workspace: Workspace) {
        let rows = batch.rowCount
        workspace.states.reserve(rows * hiddenSize)
        workspace.memories.reserve(cell.hasMemory ? rows * hiddenSize : 0)
        workspace.saved.reserve(rows * cell.savedCount * hiddenSize)
        workspace.origin.zeros(batch.textCount * hiddenSize)
        for step in 0..<batch.stepCount {
            let alive = batch.alive(at: step)
            let recurrent = workspace.recurrent.zeros(alive * width)
            if cell.hasRecurrentBias {
                for row in 0..<alive {
                    (recurrent + (row + 1) * width - hiddenSize)
                        .update(from: weights.c, count: hiddenSize)
                }
            }
            let values = self.step(step, of: batch, workspace: workspace)
            if step > 0 {
                Scalar.product(
                    recurrent,
                    stride: width,
                    values.previous,
                    row: hiddenSize,
                    step: 1,
                    weights.u,
                    stride: width,
                    rows: alive,
                    inner: hiddenSize,
                    columns: width
                )
            }
            cell.forward(values, rows: alive, hidden: hiddenSize)
        }
    }

    /// Adds to `gradient` and `dx` (rows × inputSize) what `workspace.dStates` asks for.
    ///
    /// - Precondition: forward ran on the same batch and workspace.
    func backward(
        _ batch: PackedBatch,
        x: ConstPointer,
        transposes: Transposes,
        gradient: Weights<Pointer>,
        dx: Pointer,
        workspace: Workspace
    ) {
        let rows = batch.rowCount
        let dStates = workspace.dStates.pointer
        let dInput = workspace.dInput.reserve(rows * inputWidth)
        let dRecurrent = workspace.dRecurrent.reserve(rows * width)
        let carry = workspace.carry.zeros(batch.textCount * hiddenSize)
        let dMemory = workspace.dMemory.zeros(batch.textCount * hiddenSize)
        var carried = 0
        for step in stride(from: batch.stepCount - 1, through: 0, by: -1) {
            let alive = batch.alive(at: step)
            let first = batch.stepOffsets[step]
            let dh = dStates + first * hiddenSize
            Scalar.addScaled(count: carried * hiddenSize, dh, carry, scale: 1)
            carry.zero(count: alive * hiddenSize)
            let gradient = CellGradient<Scalar>(
                dh: dh,
                dMemory: dMemory,
                dInput: dInput + first * inputWidth,
                dRecurrent: dRecurrent + first * width,
                carry: carry
            )
            cell.backward(
                self.step(step, of: batch, workspace: workspace),
                gradient: gradient,
                rows: alive,
                hidden: hiddenSize
            )
            if step > 0 {
                Scalar.product(
                    carry,
                    stride: hiddenSize,
                    gradient.dRecurrent,
                    row: width,
                    step: 1,
                    transposes.u,
                    stride: hiddenSize,
                    rows: alive,
                    inner: width,
                    columns: hiddenSize
                )
            }
            carried = alive
        }
        if cell.hasCandidate {
            passCandidate(rows, transposes: transposes, gradient: gradient, workspace: workspace)
        }
        addWeightGradients(batch, x: x, gradient: gradient, workspace: workspace)
        Scalar.product(
            dx,
            stride: inputSize,
            dInput,
            row: inputWidth,
            step: 1,
            transposes.wx,
            stride: inputSize,
            rows: rows,
            inner: projectedWidth,
            columns: inputSize
        )
    }

    /// Adds zᵀ·dgates to dV, and makes dz of the gates' share in it the gradient before tanh.
    private func passCandidate(
        _ rows: Int,
        transposes: Transposes,
        gradient: Weights<Pointer>,
        workspace: Workspace
    ) {
        let (z, dz) = (workspace.input.pointer, workspace.dInput.pointer)
        let dGates = ConstPointer(dz + hiddenSize)
        Scalar.product(
            gradient.v,
            stride: width,
            z,
            row: 1,
            step: inputWidth,
            dGates,
            stride: inputWidth,
            rows: hiddenSize,
            inner: rows,
            columns: width
        )
        Scalar.product(
            dz,
            stride: inputWidth,
            dGates,
            row: inputWidth,
            step: 1,
            transposes.v,
            stride: hiddenSize,
            rows: rows,
            inner: width,
            columns: hiddenSize
        )
        ck_candidate_backward(Scalar.kernels, rows, hiddenSize, inputWidth, z, dz)
    }

    /// Sums over all rows: dWx += xᵀ·da, dU += h_{t-1}ᵀ·du, db += Σ da, dc += Σ du.
    private func addWeightGradients(
        _ batch: PackedBatch,
        x: ConstPointer,
        gradient: Weights<Pointer>,
        workspace: Workspace
    ) {
        let rows = batch.rowCount
        let dInput = workspace.dInput.pointer
        let dRecurrent = workspace.dRecurrent.pointer
        let previous = workspace.previous.reserve(rows * hiddenSize)
        previous.zero(count: batch.textCount * hiddenSize)
        for step in 1..<max(batch.stepCount, 1) {
            (previous + batch.stepOffsets[step] * hiddenSize).update(
                from: workspace.states.pointer + batch.stepOffsets[step - 1] * hiddenSize,
                count: batch.alive(at: step) * hiddenSize
            )
        }
        Scalar.product(
            gradient.wx,
            stride: projectedWidth,
            x,
            row: 1,
            step: inputSize,
            dInput,
            stride: inputWidth,
            rows: inputSize,
            inner: rows,
            columns: projectedWidth
        )
        Scalar.product(
            gradient.u,
            stride: width,
            previous,
            row: 1,
            step: hiddenSize,
            dRecurrent,
            stride: width,
            rows: hiddenSize,
            inner: rows,
            columns: width
        )
        var one: Scalar = 1
        Scalar.product(
            gradient.b,
            stride: width,
            &one,
            row: 0,
            step: 0,
            dInput + (inputWidth - width),
            stride: inputWidth,
            rows: 1,
            inner: rows,
            columns: width
        )
        if cell.hasRecurrentBias {
            Scalar.product(
                gradient.c,
                stride: hiddenSize,
                &one,
                row: 0,
                step: 0,
                dRecurrent + width - hiddenSize,
                stride: width,
                rows: 1,
                inner: rows,
                columns: hiddenSize
            )
        }
    }

    /// Where the values of one step stand.
    private func step(
        _ step: Int,
        of batch: PackedBatch,
        workspace: Workspace
    ) -> CellStep<Scalar> {
        let first = batch.stepOffsets[step]
        let before = step > 0 ? batch.stepOffsets[step - 1] * hiddenSize : 0
        return CellStep(
            input: workspace.input.pointer + first * inputWidth,
            recurrent: workspace.recurrent.pointer,
            previous: step > 0 ? workspace.states.pointer + before : workspace.origin.pointer,
            previousMemory: step > 0 && cell.hasMemory
                ? workspace.memories.pointer + before : workspace.origin.pointer,
            h: workspace.states.pointer + first * hiddenSize,
            memory: workspace.memories.pointer + (cell.hasMemory ? first * hiddenSize : 0),
            saved: workspace.saved.pointer + first * cell.savedCount * hiddenSize
        )
    }
}
