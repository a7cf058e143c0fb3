internal import Model

/// The axes along which rows vary, by the eigenvectors of their covariance.
///
/// One-sided Jacobi rotations (Hestenes 1958): pairs of rows are turned until all are orthogonal.
/// Slower than a reduction to three diagonals, and half as long.
struct PrincipalAxes {
    private var rows: [Double]
    private let width: Int

    private static let sweeps = 30
    /// Rows whose cosine is below this are orthogonal.
    private static let tolerance = 1e-9

    /// - Parameters:
    ///   - covariance: (width × width), symmetric, no eigenvalue below 0.
    ///   - width: the number of dimensions.
    init(_ covariance: [Double], width: Int) {
        rows = covariance
        self.width = width
        for _ in 0..<PrincipalAxes.sweeps where !sweep() { break }
    }

    /// Turns all pairs once; false if all were orthogonal.
    private mutating func sweep() -> Bool {
        var hasTurned = false
        let width = width
        rows.withUnsafeMutableBufferPointer { rows in
            guard let base = rows.baseAddress else { return }
            for first in 0..<width {
                for second in (first + 1)..<max(width, first + 1) {
                    let (a, b) = (base + first * width, base + second * width)
                    if PrincipalAxes.turn(a, b, width) { hasTurned = true }
                }
            }
        }
        return hasTurned
    }

    /// Makes two rows orthogonal; false if they were.
    private static func turn(
        _ a: UnsafeMutablePointer<Double>,
        _ b: UnsafeMutablePointer<Double>,
        _ width: Int
    ) -> Bool {
        let product = dot(a, b, width)
        let (own, other) = (dot(a, a, width), dot(b, b, width))
        guard abs(product) > tolerance * (own * other).squareRoot(), own > 0, other > 0 else {
            return false
        }
        let slope = (other - own) / (2 * product)
        let tangent = (slope < 0 ? -1 : 1) / (abs(slope) + (1 + slope * slope).squareRoot())
        let cosine = 1 / (1 + tangent * tangent).squareRoot()
        let sine = cosine * tangent
        for index in 0..<width {
            let (x, y) = (a[index], b[index])
            a[index] = cosine * x - sine * y
            b[index] = sine * x + cosine * y
        }
        return true
    }

    /// Four sums at once, in a fixed order, so that a compiler can use vectors.
    private static func dot(
        _ a: UnsafePointer<Double>,
        _ b: UnsafePointer<Double>,
        _ width: Int
    ) -> Double {
        var sums = SIMD4<Double>()
        var index = 0
        while index + 4 <= width {
            let x = SIMD4(a[index], a[index + 1], a[index + 2], a[index + 3])
            let y = SIMD4(b[index], b[index + 1], b[index + 2], b[index + 3])
            sums += x * y
            index += 4
        }
        var sum = sums[0] + sums[1] + sums[2] + sums[3]
        while index < width {
            sum += a[index] * b[index]
            index += 1
        }
        return sum
    }

    /// The axes of the greatest eigenvalues, side by side: (width × count), each of length 1; the
    /// greatest number of an axis is above 0, so that equal files give equal vectors.
    func greatest(_ count: Int) -> [Float] {
        let lengths = (0..<width).map { row in
            rows[(row * width)..<((row + 1) * width)].reduce(0) { $0 + $1 * $1 }.squareRoot()
        }
        let order = lengths.indices.sorted { (lengths[$0], $1) > (lengths[$1], $0) }
        var axes = [Float](repeating: 0, count: width * count)
        for (column, row) in order.prefix(count).enumerated() where lengths[row] > 0 {
            let values = rows[(row * width)..<((row + 1) * width)].map { $0 / lengths[row] }
            let greatest = values.max { abs($0) < abs($1) } ?? 1
            for (index, value) in values.enumerated() {
                axes[index * count + column] = Float(greatest < 0 ? -value : value)
            }
        }
        return axes
    }
}
