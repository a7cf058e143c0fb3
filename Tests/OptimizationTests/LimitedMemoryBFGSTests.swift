import Testing

@testable import Optimization

@Suite("L-BFGS")
struct LimitedMemoryBFGSTests {
    /// ½ Σ aᵢ(xᵢ - bᵢ)², its curvatures a spread over three powers of ten.
    private static func quadratic(
        _ point: UnsafePointer<Float>,
        _ gradient: UnsafeMutablePointer<Float>
    ) -> Double {
        var value = 0.0
        for index in 0..<40 {
            let curvature = curvature(index)
            let distance = Double(point[index]) - minimum(index)
            value += 0.5 * curvature * distance * distance
            gradient[index] = Float(curvature * distance)
        }
        return value
    }

    private static func curvature(_ index: Int) -> Double { [0.1, 1, 10, 100][index % 4] }
    private static func minimum(_ index: Int) -> Double { Double(index % 7) - 3 }

    @Test("finds the minimum of a quadratic function")
    func quadratic() {
        let found = LimitedMemoryBFGS.minimum(
            count: 40,
            iterations: 100,
            tolerance: 1e-4,
            LimitedMemoryBFGSTests.quadratic
        )
        for (index, value) in found.enumerated() {
            #expect(abs(Double(value) - LimitedMemoryBFGSTests.minimum(index)) < 2e-3)
        }
    }

    @Test("makes no more moves than allowed, and gives the same bits again", arguments: [1, 3, 30])
    func moves(iterations: Int) {
        var calls = 0
        func run() -> [Float] {
            LimitedMemoryBFGS.minimum(count: 40, iterations: iterations, tolerance: 0) {
                calls += 1
                return LimitedMemoryBFGSTests.quadratic($0, $1)
            }
        }
        let first = run()
        #expect(calls <= 2 * iterations + 10)
        #expect(run().map(\.bitPattern) == first.map(\.bitPattern))
        #expect(first.contains { $0 != 0 })
    }

    @Test("stays where the function falls nowhere")
    func flat() {
        let found = LimitedMemoryBFGS.minimum(count: 3, iterations: 10, tolerance: 0) { _, slopes in
            for index in 0..<3 { slopes[index] = index == 0 ? 1 : 0 }
            return .nan
        }
        #expect(found == [0, 0, 0])
    }
}
