private import CKernels

/// The long short-term memory, gates in the order i f g o.
///
/// `i, f, o = σ(x·W + h·U + b)`, `g = tanh(·)`, `c′ = f·c + i·g`, `h′ = o·tanh(c′)`
/// (Hochreiter and Schmidhuber 1997; forget gate: Gers et al. 2000, its bias starts at 1:
/// Jozefowicz et al. 2015).
package enum LSTMCell<Scalar: KernelScalar>: Cell {
    package static var gateCount: Int { 4 }
    package static var savedCount: Int { 5 }
    package static var gateNames: [String] { ["input", "forget", "candidate", "output"] }
    package static var hasMemory: Bool { true }
    package static var hasRecurrentBias: Bool { false }
    package static var initialBias: [Scalar] { [0, 1, 0, 0] }

    package static func forward(_ step: CellStep<Scalar>, rows: Int, hidden: Int) {
        ck_lstm_forward(
            Scalar.kernels,
            rows,
            hidden,
            step.input,
            step.recurrent,
            step.previousMemory,
            step.memory,
            step.h,
            step.saved
        )
    }

    package static func backward(
        _ step: CellStep<Scalar>,
        gradient: CellGradient<Scalar>,
        rows: Int,
        hidden: Int
    ) {
        ck_lstm_backward(
            Scalar.kernels,
            rows,
            hidden,
            step.previousMemory,
            step.saved,
            gradient.dh,
            gradient.dMemory,
            gradient.dInput
        )
        gradient.dRecurrent.update(from: gradient.dInput, count: rows * hidden * gateCount)
    }
}
