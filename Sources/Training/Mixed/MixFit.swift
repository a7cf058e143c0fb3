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
    /// (rows × classes); 0 for a path that is not there.
    private let recurrent: [Float]
    private let linear: [Float]
    /// Whether each path is there.
    private let paths: [Bool]

    /// A checkpoint allows no more.
    private static let greatestWeight = 100.0
    /// A network that says nothing is no network: the better path has so much weight at least.
    private static let leastWeight = 0.05
    private static let steps = 60

    package init(
        recurrent: [Float]?,
        linear: [Float]?,
        labels: [Int],
        classCount: Int,
        head: Head = .softmax
    ) {
        self.head = head
        let zeros = [Float](repeating: 0, count: labels.count * classCount)
        self.recurrent = recurrent ?? zeros
        self.linear = linear ?? zeros
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
    /// - Returns: nil if no mix has a cross-entropy that is a number.
    package func best(rows: [Int]) -> Mix? {
        let share: Double = paths.allSatisfy(\.self) ? 0.5 : 1
        var point = paths.map { $0 ? share : 0 }
        guard !rows.isEmpty else { return Mix(point) }
        var current = slopes(point, rows: rows)
        guard current.loss.isFinite else { return nil }
        for _ in 0..<MixFit.steps {
            let free = paths.indices.map {
                paths[$0] && !(point[$0] == 0 && current.gradient[$0] >= 0)
                    && !(point[$0] == MixFit.greatestWeight && current.gradient[$0] <= 0)
            }
            let step = MixFit.newtonStep(current, free: free)
            let decrease = zip(step, current.gradient).reduce(0) { $0 + $1.0 * $1.1 }
            guard decrease < -1e-12 else { break }
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
        var gradient = [0.0, 0.0]
        /// (1,1), (1,2), (2,2).
        var curvature = [0.0, 0.0, 0.0]
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
            let moved = zip(zip(next, point), current.gradient).reduce(0) {
                $0 + ($1.0.0 - $1.0.1) * $1.1
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
        let spread = 1 / Double(rows.count + 2)
        var sum = Slopes()
        var logits = [Float](repeating: 0, count: classCount)
        for row in rows {
            mixed(row, mix, into: &logits)
            let (label, base) = (labels[row], row * classCount)
            let mean = logits.reduce(0.0) { $0 + Double($1) } / Double(classCount)
            let own = Double(logits[label])
            let loss = Head.softmax.loss(&logits, classes: classCount, label: label)
            sum.loss += Double(loss) + spread * (own - mean)
            // Moments of both paths' logits under the probabilities.
            var (f, s, ff, fs, ss, meanF, meanS) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
            for index in 0..<classCount {
                let p = Double(logits[index])
                let x = Double(recurrent[base + index])
                let y = Double(linear[base + index])
                f += p * x
                s += p * y
                ff += p * x * x
                fs += p * x * y
                ss += p * y * y
                meanF += x
                meanS += y
            }
            let classes = Double(classCount)
            let ownF = Double(recurrent[base + label])
            let ownS = Double(linear[base + label])
            sum.gradient[0] += f - (1 - spread) * ownF - spread * meanF / classes
            sum.gradient[1] += s - (1 - spread) * ownS - spread * meanS / classes
            sum.curvature[0] += ff - f * f
            sum.curvature[1] += fs - f * s
            sum.curvature[2] += ss - s * s
        }
        let count = Double(rows.count)
        sum.loss /= count
        sum.gradient = sum.gradient.map { $0 / count }
        sum.curvature = sum.curvature.map { $0 / count }
        return sum
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
            let (label, base) = (labels[row], row * classCount)
            for index in 0..<classCount { sum.loss += spread * (0 - 0.5) * Double(logits[index]) }
            for index in sets[label] {
                targets[Int(index)] += 1 - spread
                sum.loss += spread * Double(logits[Int(index)])
            }
            sum.loss += Double(head.loss(&logits, classes: classCount, label: label))
            for index in 0..<classCount {
                let p = Double(logits[index])
                let x = Double(recurrent[base + index])
                let y = Double(linear[base + index])
                let (error, slope) = (p - targets[index], p * (1 - p))
                sum.gradient[0] += error * x
                sum.gradient[1] += error * y
                sum.curvature[0] += slope * x * x
                sum.curvature[1] += slope * x * y
                sum.curvature[2] += slope * y * y
            }
            for index in sets[label] { targets[Int(index)] = spread / 2 }
        }
        let count = Double(rows.count)
        sum.loss /= count
        sum.gradient = sum.gradient.map { $0 / count }
        sum.curvature = sum.curvature.map { $0 / count }
        return sum
    }

    /// Writes the mixed logits of a row.
    func mixed(_ row: Int, _ mix: Mix, into logits: inout [Float]) {
        let base = row * classCount
        for index in 0..<classCount {
            logits[index] =
                mix.recurrent * recurrent[base + index] + mix.linear * linear[base + index]
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
