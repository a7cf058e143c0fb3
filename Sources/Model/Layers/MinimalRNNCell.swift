private import CKernels

/// The minimal recurrent cell: one gate, u, that reads the candidate z and the state.
///
/// `z = tanh(x·Wx)`, `u = σ(h·U + z·V + b)`, `h′ = u·h + (1 - u)·z` (Chen 2017,
/// "MinimalRNN: Toward More Interpretable and Trainable Recurrent Neural Networks").
package enum MinimalRNNCell<Scalar: KernelScalar>: Cell {
    package static var gateCount: Int { 1 }
    package static var hasCandidate: Bool { true }
    package static var savedCount: Int { 1 }
    package static var gateNames: [String] { ["update"] }
    package static var hasMemory: Bool { false }
    package static var hasRecurrentBias: Bool { false }
    package static var initialBias: [Scalar] { [0] }

    package static func forward(_ step: CellStep<Scalar>, rows: Int, hidden: Int) {
        ck_minimal_rnn_forward(
            Scalar.kernels,
            rows,
            hidden,
            step.input,
            step.recurrent,
            step.previous,
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
        ck_minimal_rnn_backward(
            Scalar.kernels,
            rows,
            hidden,
            step.input,
            step.previous,
            step.saved,
            gradient.dh,
            gradient.dInput,
            gradient.dRecurrent,
            gradient.carry
        )
    }
}
