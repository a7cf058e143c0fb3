import Model
import Testing

@Suite struct TensorTests {
    private func tensor(_ count: Int, deviation: Float) -> Tensor {
        var generator = SplitMix64(seed: 9)
        return Tensor(
            shape: [count / 4, 4],
            values: (0..<count).map { _ in deviation * Float(generator.unit() * 2 - 1) }
        )
    }

    @Test(
        "rounds a large tensor to a fiftieth of its root mean square",
        arguments: [
            Float(0.01), 0.3, 8,
        ]
    )
    func compacts(deviation: Float) throws {
        let original = tensor(4096, deviation: deviation)
        let compact = original.compacted()
        let scale = try #require(compact.scale)
        // A uniform number in ±d has the root mean square d/√3.
        #expect(abs(scale / (deviation / 3.0.squareRoot().float / 25) - 1) < 0.06)
        for (a, b) in zip(original.values, compact.values) {
            #expect(abs(a - b) <= scale * 0.5001)
            #expect((b / scale).rounded() * scale == b)
        }
        #expect(compact.compacted() == compact)
    }

    @Test("leaves small tensors and zeros as they are")
    func leaves() {
        #expect(tensor(400, deviation: 1).compacted().scale == nil)
        #expect(tensor(4096, deviation: 0).compacted().scale == nil)
    }
}

extension Double {
    fileprivate var float: Float { Float(self) }
}
