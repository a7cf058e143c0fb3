internal import Model
internal import Optimization

/// Support vector machines, one for each label against all others, over the features of the linear
/// path.
///
/// Each minimises `½‖w‖² + C·Σ max(0, 1 - y·m)²`, m the margin, y 1 or -1, in its dual,
/// row after row (Hsieh et al. 2008). All labels are solved side by side, so a row of the table is
/// read once for all of them.
struct SupportVectorMachine {
    /// (features × labels), the dimensions of word vectors last; the features have the values
    /// of `FeatureVector`, but both blocks have length 1.
    private(set) var weights: [Float]
    /// What the constant feature adds to each margin; zeros without one.
    private(set) var bias: [Float]
    /// Passes over the rows that it took.
    private(set) var passes = 0

    /// C: 1 was no worse than one chosen by cross-validation (RECIPE).
    static let cost: Float = 1
    /// The greatest violation of the optimum's conditions that is left, in margins.
    private static let tolerance: Float = 1e-3
    private static let mostPasses = 300
    /// Products at most, about a second's: beyond it the last digits are left unsolved.
    private static let mostProducts = 4_000_000_000
    private static let fewestPasses = 10

    /// Fits the machines.
    ///
    /// - Parameters:
    ///   - texts: the rows to learn.
    ///   - labels: the label of each.
    ///   - rowWeights: what each row's cost is multiplied by; empty for 1.
    ///   - classCount: the number of labels.
    ///   - featureCount: the number of features.
    ///   - hasBias: whether a constant feature of 1 is among them.
    ///   - check: called before each pass.
    /// - Throws: What `check` throws.
    /// - Complexity: O(passes · features of all texts · labels).
    init(
        _ texts: EncodedTexts,
        labels: [Int],
        rowWeights: [Float] = [],
        classCount: Int,
        featureCount: Int,
        hasBias: Bool,
        check: () throws -> Void
    ) rethrows {
        let rows = Rows(texts, constant: hasBias ? Int32(featureCount) : nil)
        let count = (featureCount + 1) * classCount
        let table = ScalarBuffer<Float>(count: count)
        table.zeros(count)
        let duals = ScalarBuffer<Float>(count: labels.count * classCount)
        duals.zeros(labels.count * classCount)
        let margins = ScalarBuffer<Float>(count: classCount)
        let products = max(rows.numbers.count * classCount * 2, 1)
        let most = min(
            max(SupportVectorMachine.mostProducts / products, SupportVectorMachine.fewestPasses),
            SupportVectorMachine.mostPasses
        )
        for pass in 1...most {
            try check()
            var worst: Float = 0
            // The optimum does not depend on the order, so no seed does either.
            for row in shuffledOrder(count: labels.count, seed: 1, epoch: pass) {
                let range = rows.starts[row]..<rows.starts[row + 1]
                guard !range.isEmpty else { continue }
                let cost = SupportVectorMachine.cost * (rowWeights.isEmpty ? 1 : rowWeights[row])
                let step = DualStep(label: labels[row], square: rows.squares[row], cost: cost)
                let own = margins.zeros(classCount)
                rows.gather(range, from: table.pointer, into: own, columns: classCount)
                let violation = step.take(
                    margins: own,
                    duals: duals.pointer + row * classCount,
                    classes: classCount
                )
                worst = max(worst, violation)
                guard violation > 0 else { continue }
                rows.scatter(range, own, into: table.pointer, columns: classCount)
            }
            passes = pass
            if worst < SupportVectorMachine.tolerance { break }
        }
        let all = UnsafeBufferPointer(start: table.pointer, count: count)
        weights = Array(all[..<(featureCount * classCount)])
        bias = Array(all[(featureCount * classCount)...])
    }

    /// The margins of texts, (texts × labels).
    func margins(_ texts: EncodedTexts) -> [Float] {
        let classCount = bias.count
        let rows = Rows(texts, constant: nil)
        var all: [Float] = []
        let own = ScalarBuffer<Float>(count: classCount)
        weights.withUnsafeBufferPointer { weights in
            for row in 0..<texts.count {
                own.pointer.update(from: bias, count: classCount)
                if let table = weights.baseAddress {
                    rows.gather(
                        rows.starts[row]..<rows.starts[row + 1],
                        from: table,
                        into: own.pointer,
                        columns: classCount
                    )
                }
                all += UnsafeBufferPointer(start: own.pointer, count: classCount)
            }
        }
        return all
    }

    /// The weights for the values that the linear path gives to the features, times `scale`.
    func linearWeights(_ lists: FeatureLists, scale: Float) -> [Float] {
        var scaled = weights
        for index in scaled.indices {
            scaled[index] *= scale / lists.blockLength(of: Int32(index / bias.count))
        }
        return scaled
    }
}

/// One row's step towards the optimum of all machines.
private struct DualStep {
    /// The row's label.
    let label: Int
    /// The row's squared length.
    let square: Float
    /// What a unit of its squared slack costs.
    let cost: Float

    /// Turns the margins into what the row adds to each machine, moves the dual variables there,
    /// and returns the greatest violation that it met.
    func take(
        margins: UnsafeMutablePointer<Float>,
        duals: UnsafeMutablePointer<Float>,
        classes: Int
    ) -> Float {
        let ridge = 1 / (2 * cost)
        let inverse = 1 / (square + ridge)
        var worst: Float = 0
        func move(_ place: Int, _ sign: Float) {
            let dual = duals[place]
            let slope = sign * margins[place] - 1 + ridge * dual
            let next = max(dual - slope * inverse, 0)
            // At a bound only a slope inwards counts.
            worst = max(worst, dual > 0 ? abs(slope) : max(-slope, 0))
            duals[place] = next
            margins[place] = sign * (next - dual)
        }
        for place in 0..<label { move(place, -1) }
        move(label, 1)
        for place in (label + 1)..<max(classes, label + 1) { move(place, -1) }
        return worst
    }
}

/// Texts as sparse rows of values, all blocks of length 1.
private struct Rows {
    private(set) var numbers: [Int32] = []
    private var values: [Float] = []
    private(set) var starts = [0]
    /// The squared length of each row.
    private(set) var squares: [Float] = []

    /// Takes all features of `texts`; the feature `constant`, if there is one, is 1 in every text.
    init(_ texts: EncodedTexts, constant: Int32?) {
        var memory = EncodedTexts.Features()
        for text in 0..<texts.count {
            var square: Float = 0
            texts.withFeatures(of: text, in: &memory) { features, weights in
                for (number, weight) in zip(features, weights) {
                    let value = weight / texts.lists.blockLength(of: number)
                    numbers.append(number)
                    values.append(value)
                    square += value * value
                }
            }
            if let constant {
                numbers.append(constant)
                values.append(1)
                square += 1
            }
            squares.append(square)
            starts.append(numbers.count)
        }
    }

    /// `out += Σ value · row of the table`.
    func gather(
        _ range: Range<Int>,
        from table: UnsafePointer<Float>,
        into out: UnsafeMutablePointer<Float>,
        columns: Int
    ) {
        withPointers(range) { numbers, values in
            Float.gather(
                out,
                table: table,
                ids: numbers,
                values: values,
                step: 1,
                count: range.count,
                columns: columns
            )
        }
    }

    /// `row of the table += value · x`.
    func scatter(
        _ range: Range<Int>,
        _ x: UnsafePointer<Float>,
        into table: UnsafeMutablePointer<Float>,
        columns: Int
    ) {
        withPointers(range) { numbers, values in
            Float.scatter(
                table,
                ids: numbers,
                values: values,
                scale: 1,
                count: range.count,
                x,
                columns: columns
            )
        }
    }

    private func withPointers(
        _ range: Range<Int>,
        _ body: (UnsafePointer<Int32>, UnsafePointer<Float>) -> Void
    ) {
        numbers.withUnsafeBufferPointer { numbers in
            values.withUnsafeBufferPointer { values in
                guard let numbers = numbers.baseAddress, let values = values.baseAddress else {
                    return
                }
                body(numbers + range.lowerBound, values + range.lowerBound)
            }
        }
    }
}
