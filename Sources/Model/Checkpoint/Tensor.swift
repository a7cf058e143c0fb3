/// Numbers in a row-major shape, as a checkpoint holds them.
public struct Tensor: Sendable, Equatable {
    /// The extent of each axis, outermost first.
    public var shape: [Int]
    /// As many numbers as the shape has places, last axis fastest.
    public var values: [Float]

    /// Creates a tensor.
    ///
    /// - Precondition: `values` fills `shape`.
    public init(shape: [Int], values: [Float]) {
        precondition(values.count == shape.reduce(1, *), "The values must fill the shape")
        self.shape = shape
        self.values = values
    }

    /// The number of values.
    public var count: Int { values.count }
}
