/// One recurrent cell: the element-wise half of a step, forward and backward side by side.
///
/// The products with the weight matrices are the same for every cell and stand in `RecurrentLayer`.
/// `rows` texts advance by one step together. Shapes: `input` (x_t·Wx + b, or z_t and z_t·V + b
/// where the cell has a candidate z_t = tanh(x_t·Wx)) is (rows × inputCount·hidden), `recurrent`
/// (h_{t-1}·U + c) is (rows × gateCount·hidden), states are (rows × hidden), `saved` is (rows
/// × savedCount·hidden).
package protocol Cell<Scalar>: SendableMetatype {
    associatedtype Scalar: KernelScalar
    typealias Pointer = UnsafeMutablePointer<Scalar>
    typealias ConstPointer = UnsafePointer<Scalar>

    /// Gates a step computes; U, V and b are this many times `hidden` wide.
    static var gateCount: Int { get }
    /// Whether the gates read a candidate, `z = tanh(x·Wx)`, through a matrix V instead of x; Wx
    /// is then `hidden` wide.
    static var hasCandidate: Bool { get }
    /// Values a step leaves for backward, in multiples of `hidden`.
    static var savedCount: Int { get }
    /// The gates among those values, which come first there, in the order of the equations.
    static var gateNames: [String] { get }
    /// Whether a second state (the LSTM's c) runs beside h.
    static var hasMemory: Bool { get }
    /// Whether the recurrent product has a bias `c` of its own, which only matters inside a gate.
    static var hasRecurrentBias: Bool { get }
    /// The bias at the start of training, by gate.
    static var initialBias: [Scalar] { get }

    /// Computes `step.h` (and `step.memory`, `step.saved`) from the rest of `step`.
    static func forward(_ step: CellStep<Scalar>, rows: Int, hidden: Int)

    /// Turns dh′ into the gradients of `input` and `recurrent`, and sets `carry`, which comes in
    /// as zeros, to the part of dh that does not pass through U. `dMemory` comes in as dc′ and
    /// goes out as dc.
    static func backward(
        _ step: CellStep<Scalar>,
        gradient: CellGradient<Scalar>,
        rows: Int,
        hidden: Int
    )
}

extension Cell {
    /// The gates of most cells read x itself.
    package static var hasCandidate: Bool { false }

    /// What a step reads of a token, in multiples of `hidden`.
    static var inputCount: Int { gateCount + (hasCandidate ? 1 : 0) }
    /// The width of Wx, in multiples of `hidden`.
    static var projectedCount: Int { hasCandidate ? 1 : gateCount }
}

/// Where one step of a cell finds its values, all rows adjacent.
package struct CellStep<Scalar: KernelScalar> {
    var input: UnsafePointer<Scalar>
    var recurrent: UnsafePointer<Scalar>
    var previous: UnsafePointer<Scalar>
    var previousMemory: UnsafePointer<Scalar>
    var h: UnsafeMutablePointer<Scalar>
    var memory: UnsafeMutablePointer<Scalar>
    var saved: UnsafeMutablePointer<Scalar>
}

/// Where one step of a cell leaves its gradients.
package struct CellGradient<Scalar: KernelScalar> {
    var dh: UnsafePointer<Scalar>
    var dMemory: UnsafeMutablePointer<Scalar>
    var dInput: UnsafeMutablePointer<Scalar>
    var dRecurrent: UnsafeMutablePointer<Scalar>
    var carry: UnsafeMutablePointer<Scalar>
}
