package import Model

/// The logits of two paths on rows that neither has learnt, and the weights that suit them best.
///
/// The mix is `softmax(a·recurrent + b·linear)`, or σ of the same for each of several labels.
///
/// The cross-entropy of both is convex in (a, b), so Newton's method finds the one minimum.
package struct MixFit {
    /// The target of each row.
    package let labels: [Int]
    package let classCount: Int
    private let head: Head
    /// (rows × classes); empty for a path that is not there.
    private let recurrent: [Float]
    private let linear: [Float]
    /// Whether each path is there.
    private let paths: [Bool]

    /// A checkpoint allows no more.
    private static let greatestWeight = 100.0
    /// A network that says nothing is no network: the better path has so much weight at least.
    private static let leastWeight = 0.05
    private static let steps = 60
    /// A step that promises less, in nats, ends the search: probabilities are single floats, and
    /// the loss of their rounding is about as large.
    private static let leastDecrease = 1e-8

    package init(
        recurrent: [Float]?,
        linear: [Float]?,
        labels: [Int],
        classCount: Int,
        head: Head = .softmax
    ) {
        self.head = head
        self.recurrent = recurrent ?? []
        self.linear = linear ?? []
        paths = [recurrent != nil, linear != nil]
        self.labels = labels
        self.classCount = classCount
    }

    /// The probabilities of `a·recurrent + b·linear` for some rows, (rows × classes).
    package func probabilities(_ mix: Mix, rows: some Sequence<Int>) -> [Float] {
        var all: [Float] = []
        var logits = [Float](repeating: 0, count: classCount)
        for row in rows {
            mixed(row, mix, into: &logits)
            all += head.probabilities(of: logits)
        }
        return all
    }

    /// What `best` makes least: the mean cross-entropy of some rows under a mix, in nats, with a
    /// share 1/(rows + 2) of each target spread over all labels.
    package func smoothedLoss(_ mix: Mix, rows: [Int]) -> Double {
        slopes([Double(mix.recurrent), Double(mix.linear)], rows: rows).loss
    }

    /// The weights with the least cross-entropy on `rows`, none below 0; that of a path that is nil
    /// is 0.
    ///
    /// As in Platt (1999), a share 1/(rows + 2) of each row's target is spread over all labels:
    /// without it, rows that are all answered right would ask for infinite confidence. Without rows
    /// the paths that are there get equal shares of 1.
    ///
    /// - Parameters:
    ///   - rows: the rows that choose.
    ///   - start: where the search begins: weights that suit much the same rows end it sooner.
    /// - Returns: nil if no mix has a cross-entropy that is a number.
    package func best(rows: [Int], from start: Mix? = nil) -> Mix? {
        let share: Double = paths.allSatisfy(\.self) ? 0.5 : 1
        var point = paths.map { $0 ? share : 0 }
        guard !rows.isEmpty else { return Mix(point) }
        if let start { point = [Double(start.recurrent), Double(start.linear)] }
        var current = slopes(point, rows: rows)
        guard current.loss.isFinite else { return nil }
        for _ in 0..<MixFit.steps {
            let free = paths.indices.map {
                paths[$0] && !(point[$0] == 0 && current.gradient[$0] >= 0)
                    && !(point[$0] == MixFit.greatestWeight && current.gradient[$0] <= 0)
            }
            let step = MixFit.newtonStep(current, free: free)
            let decrease = step[0] * current.gradient[0] + step[1] * current.gradient[1]
            guard decrease < -MixFit.leastDecrease else { break }
            guard let next = descend(from: point, current, along: step, rows: rows) else { break }
            (point, current) = next
        }
        // Newton's steps end a hair above a bound.
        for path in point.indices where point[path] < 1e-4 && current.gradient[path] > 0 {
            point[path] = 0
        }
        if point == [0, 0] {
            let isFirst = paths[0] && (!paths[1] || current.gradient[0] <= current.gradient[1])
            point[isFirst ? 0 : 1] = MixFit.leastWeight
        }
        return Mix(point)
    }

    /// The loss at a point, its gradient and its Hessian.
    private struct Slopes {
        var loss = 0.0
        var gradient = SIMD2<Double>()
        /// (1,1), (1,2), (2,2).
        var curvature = SIMD3<Double>()

        /// The mean of so many rows.
        func mean(of count: Double) -> Slopes {
            Slopes(loss: loss / count, gradient: gradient / count, curvature: curvature / count)
        }
    }

    /// Half the step, and half of that, until the loss falls as a line would let it; nil if it
    /// never does.
    private func descend(
        from point: [Double],
        _ current: Slopes,
        along step: [Double],
        rows: [Int]
    ) -> (point: [Double], slopes: Slopes)? {
        var length = 1.0
        for _ in 0..<40 {
            let next = zip(point, step).map {
                min(max($0 + length * $1, 0), MixFit.greatestWeight)
            }
            let moved = next.indices.reduce(0) {
                $0 + (next[$1] - point[$1]) * current.gradient[$1]
            }
            let slopes = slopes(next, rows: rows)
            if slopes.loss <= current.loss + 1e-4 * moved && next != point {
                return (next, slopes)
            }
            length /= 2
        }
        return nil
    }

    private static func newtonStep(_ slopes: Slopes, free: [Bool]) -> [Double] {
        let (g, h) = (slopes.gradient, slopes.curvature)
        // Keeps a flat direction solvable.
        let ridge = 1e-9 + 1e-9 * (h[0] + h[2])
        if free[0] && free[1] {
            let (a, b, c) = (h[0] + ridge, h[1], h[2] + ridge)
            let determinant = a * c - b * b
            if determinant > 1e-12 * a * c {
                return [-(c * g[0] - b * g[1]) / determinant, -(a * g[1] - b * g[0]) / determinant]
            }
        }
        return [free[0] ? -g[0] / (h[0] + ridge) : 0, free[1] ? -g[1] / (h[2] + ridge) : 0]
    }

    private func slopes(_ point: [Double], rows: [Int]) -> Slopes {
        if case .sigmoid(let sets) = head { return slopes(point, rows: rows, sets) }
        let mix = Mix(point)
        var sum = Slopes()
        var probabilities = [Float](repeating: 0, count: classCount)
        for row in rows {
            mixed(row, mix, into: &probabilities)
            let mean = probabilities.reduce(0) { $0 + $1 } / Float(classCount)
            let own = probabilities[labels[row]]
            let loss = Head.softmax.loss(&probabilities, classes: classCount, label: labels[row])
            sum.loss += Double(loss) + Double(own - mean) / Double(rows.count + 2)
            add(row, probabilities, spread: 1 / Double(rows.count + 2), to: &sum)
        }
        return sum.mean(of: Double(rows.count))
    }

    /// Adds what a row says of the gradient and the Hessian: moments of each path's logits under
    /// the probabilities.
    private func add(
        _ row: Int,
        _ probabilities: [Float],
        spread: Double,
        to sum: inout Slopes
    ) {
        let (base, label) = (row * classCount, labels[row])
        withPaths { paths in
            var expected = SIMD2<Double>()
            for (path, logits) in [paths.0, paths.1].enumerated() {
                guard let logits else { continue }
                let moments = LogitMoments(logits + base, probabilities, count: classCount)
                expected[path] = moments.expected
                sum.gradient[path] +=
                    moments.expected - (1 - spread) * Double(logits[base + label])
                    - spread * moments.mean
                sum.curvature[2 * path] += moments.square - moments.expected * moments.expected
            }
            guard let first = paths.0, let second = paths.1 else { return }
            let product = LogitMoments.product(
                first + base,
                second + base,
                probabilities,
                count: classCount
            )
            sum.curvature[1] += product - expected[0] * expected[1]
        }
    }

    /// The same of labels that are given each by itself: a share 1/(rows + 2) of each target is one
    /// half.
    private func slopes(_ point: [Double], rows: [Int], _ sets: TargetSets) -> Slopes {
        let mix = Mix(point)
        let spread = 1 / Double(rows.count + 2)
        var sum = Slopes()
        var logits = [Float](repeating: 0, count: classCount)
        var targets = [Double](repeating: spread / 2, count: classCount)
        for row in rows {
            mixed(row, mix, into: &logits)
            let label = labels[row]
            for index in 0..<classCount { sum.loss += spread * (0 - 0.5) * Double(logits[index]) }
            for index in sets[label] {
                targets[Int(index)] += 1 - spread
                sum.loss += spread * Double(logits[Int(index)])
            }
            sum.loss += Double(head.loss(&logits, classes: classCount, label: label))
            let base = row * classCount
            for index in 0..<classCount {
                let p = Double(logits[index])
                let (error, slope) = (p - targets[index], p * (1 - p))
                let x = paths[0] ? Double(recurrent[base + index]) : 0
                let y = paths[1] ? Double(linear[base + index]) : 0
                sum.gradient += error * SIMD2(x, y)
                sum.curvature += slope * SIMD3(x * x, x * y, y * y)
            }
            for index in sets[label] { targets[Int(index)] = spread / 2 }
        }
        return sum.mean(of: Double(rows.count))
    }

    /// Writes the mixed logits of a row.
    func mixed(_ row: Int, _ mix: Mix, into logits: inout [Float]) {
        let base = row * classCount
        withPaths { paths in
            switch paths {
            case (let first?, let second?):
                for index in 0..<classCount {
                    logits[index] =
                        mix.recurrent * first[base + index] + mix.linear * second[base + index]
                }
            case (let first?, nil):
                for index in 0..<classCount { logits[index] = mix.recurrent * first[base + index] }
            case (nil, let second?):
                for index in 0..<classCount { logits[index] = mix.linear * second[base + index] }
            case (nil, nil):
                for index in 0..<classCount { logits[index] = 0 }
            }
        }
    }

    /// The logits of both paths, nil for one that is not there or has no rows.
    private func withPaths<Result>(
        _ body: ((UnsafePointer<Float>?, UnsafePointer<Float>?)) -> Result
    ) -> Result {
        recurrent.withUnsafeBufferPointer { recurrent in
            linear.withUnsafeBufferPointer { linear in
                body(
                    (
                        recurrent.isEmpty ? nil : recurrent.baseAddress,
                        linear.isEmpty ? nil : linear.baseAddress
                    )
                )
            }
        }
    }
}

/// The weights of the two paths of a mixed network.
package struct Mix: Sendable, Equatable {
    package var recurrent: Float
    package var linear: Float

    package init(recurrent: Float, linear: Float) {
        self.recurrent = recurrent
        self.linear = linear
    }

    fileprivate init(_ point: [Double]) {
        recurrent = Float(point[0])
        linear = Float(point[1])
    }
}
