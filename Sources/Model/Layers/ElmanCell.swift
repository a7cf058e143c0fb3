/// The vanilla recurrent cell.
///
/// `h′ = tanh(x·Wx + h·U + b)` (Elman 1990, "Finding Structure in Time").
package enum ElmanCell<Scalar: KernelScalar>: Cell {
    package static var gateCount: Int { 1 }
    package static var savedCount: Int { 0 }
    package static var gateNames: [String] { [] }
    package static var hasMemory: Bool { false }
    package static var hasRecurrentBias: Bool { false }
    package static var initialBias: [Scalar] { [0] }

    package static func forward(_ step: CellStep<Scalar>, rows: Int, hidden: Int) {
        Scalar.elmanForward(
            rows: rows,
            hidden: hidden,
            input: step.input,
            recurrent: step.recurrent,
            h: step.h
        )
    }

    package static func backward(
        _ step: CellStep<Scalar>,
        gradient: CellGradient<Scalar>,
        rows: Int,
        hidden: Int
    ) {
        Scalar.elmanBackward(
            rows: rows,
            hidden: hidden,
            h: step.h,
            dh: gradient.dh,
            dInput: gradient.dInput
        )
        gradient.dRecurrent.update(from: gradient.dInput, count: rows * hidden)
    }
}
