/// Numbers in a row-major shape, as a checkpoint holds them.
public struct Tensor: Sendable, Equatable {
    /// The extent of each axis, outermost first.
    public var shape: [Int]
    /// As many numbers as the shape has places, last axis fastest.
    public var values: [Float]
    /// If set, every value is a whole multiple of it, and the file holds the multiples: fewer
    /// digits a weight.
    public var scale: Float?

    /// Scales that are accepted.
    public static let allowedScales = 1e-6...1.0

    /// Creates a tensor.
    ///
    /// - Precondition: `values` fills `shape`.
    public init(shape: [Int], values: [Float], scale: Float? = nil) {
        precondition(values.count == shape.reduce(1, *), "The values must fill the shape")
        self.shape = shape
        self.values = values
        self.scale = scale
    }

    /// The number of values.
    public var count: Int { values.count }

    /// This tensor with every value rounded to a multiple of `scale`.
    public func rounded(toMultiplesOf scale: Float) -> Tensor {
        Tensor(
            shape: shape,
            values: values.map { ($0 / scale).rounded() * scale },
            scale: scale
        )
    }
}
