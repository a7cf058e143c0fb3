/// The recurrent cells of the zoo.
///
/// A new cell adds its case here and its file beside this one.
public enum CellKind: String, CaseIterable, Sendable {
    /// Elman 1990: `h′ = tanh(Wx·x + U·h + b)`.
    case elman
    /// Cho et al. 2014, in PyTorch's form.
    case gru
    /// Hochreiter and Schmidhuber 1997, with a forget gate.
    case lstm
    /// Chen 2017: a candidate of the word alone, and one gate between it and the state before.
    case minimalRNN = "minimal_rnn"

    /// How each kind computes.
    package func cell<Scalar: KernelScalar>(_: Scalar.Type) -> any Cell<Scalar>.Type {
        switch self {
        case .elman: ElmanCell<Scalar>.self
        case .gru: GRUCell<Scalar>.self
        case .lstm: LSTMCell<Scalar>.self
        case .minimalRNN: MinimalRNNCell<Scalar>.self
        }
    }
}
