private import CKernels

/// The gated recurrent unit, gates in the order r z n.
///
/// `r, z = σ(x·W + b + h·U)`, `n = tanh(x·Wn + bn + r·(h·Un + c))`, `h′ = (1 - z)·n +
/// z·h`: Cho et al. 2014, with the reset gate behind the product as PyTorch's `nn.GRU` has it.
package enum GRUCell<Scalar: KernelScalar>: Cell {
    package static var gateCount: Int { 3 }
    package static var savedCount: Int { 4 }
    package static var gateNames: [String] { ["reset", "update", "candidate"] }
    package static var hasMemory: Bool { false }
    package static var hasRecurrentBias: Bool { true }
    package static var initialBias: [Scalar] { [0, 0, 0] }

    package static func forward(_ step: CellStep<Scalar>, rows: Int, hidden: Int) {
        ck_gru_forward(
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
        ck_gru_backward(
            Scalar.kernels,
            rows,
            hidden,
            step.previous,
            step.saved,
            gradient.dh,
            gradient.dInput,
            gradient.dRecurrent,
            gradient.carry
        )
    }
}
