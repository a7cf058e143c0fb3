internal import Model
internal import Optimization

/// Trains the linear path: softmax regression on TF-IDF features, rows starting at 0, no bias.
final class LinearPathTrainer: PathTrainer {
    private let texts: EncodedTexts
    private let labels: [Int]
    private let classCount: Int
    private let head: Head
    private let schedule: Schedule
    private let seed: UInt64
    private let state: AdamState
    private var rows: SparseRows

    /// Its learning rate, against the recurrent path's.
    private static let rateFactor = 2.0

    /// - Parameters:
    ///   - texts: the texts to learn from.
    ///   - labels: the label of each.
    ///   - classCount: the number of labels.
    ///   - head: what the outputs mean.
    ///   - featureCount: the number of features.
    ///   - schedule: how long and how fast.
    ///   - seed: where the random numbers start.
    ///   - start: may overwrite the parameters, which are 0, before the first step.
    init(
        texts: EncodedTexts,
        labels: [Int],
        classCount: Int,
        head: Head,
        featureCount: Int,
        schedule: Schedule,
        seed: UInt64,
        start: (UnsafeMutablePointer<Float>) -> Void
    ) {
        self.texts = texts
        self.labels = labels
        self.classCount = classCount
        self.head = head
        self.schedule = schedule
        self.seed = seed
        state = AdamState(count: featureCount * classCount)
        rows = SparseRows(rows: featureCount, width: classCount, offset: 0)
        start(state.parameters.pointer)
        state.startAverage()
    }

    func trainEpoch(_ epoch: Int, check: (_ share: Double) throws -> Void) throws -> EpochScore {
        let order = shuffledOrder(count: labels.count, seed: seed, epoch: epoch)
        var score = EpochScore()
        var start = 0
        while start < order.count {
            let batch = order[start..<min(start + schedule.batchSize, order.count)]
            try check(Double(batch.count) / Double(order.count))
            score += trainBatch(batch)
            start += schedule.batchSize
        }
        return score / order.count
    }

    private func trainBatch(_ batch: ArraySlice<Int>) -> EpochScore {
        var sum = EpochScore()
        var delta = [Float](repeating: 0, count: classCount)
        let share = 1 / Float(batch.count)
        state.beginStep()
        texts.withFeatures { features, values in
            for text in batch {
                let range = texts.featureRange(of: text)
                score(range, features, values, parameters: state.parameters.pointer, &delta)
                let loss = head.loss(&delta, classes: classCount, label: labels[text])
                sum.add(loss: loss, delta, classes: classCount, label: labels[text])
                head.differentiate(&delta, label: labels[text])
                for index in range {
                    rows.touch(Int(features[index]))
                    Float.addScaled(
                        count: classCount,
                        state.gradient.pointer + Int(features[index]) * classCount,
                        delta,
                        scale: values[index] * share
                    )
                }
            }
        }
        rows.update(
            state,
            learningRate: LinearPathTrainer.rateFactor
                * schedule.rate(step: state.step, textCount: labels.count)
        )
        state.endStep()
        return sum
    }

    private func score(
        _ range: Range<Int>,
        _ features: UnsafeBufferPointer<Int32>,
        _ values: UnsafeBufferPointer<Float>,
        parameters: UnsafePointer<Float>,
        _ logits: inout [Float]
    ) {
        for index in logits.indices { logits[index] = 0 }
        guard let ids = features.baseAddress, let weights = values.baseAddress else { return }
        Float.gather(
            &logits,
            table: parameters,
            ids: ids + range.lowerBound,
            values: weights + range.lowerBound,
            step: 1,
            count: range.count,
            columns: classCount
        )
    }

    func logits(_ texts: EncodedTexts) -> [Float] {
        rows.catchUpAverages(state)
        var all: [Float] = []
        all.reserveCapacity(texts.count * classCount)
        var logits = [Float](repeating: 0, count: classCount)
        texts.withFeatures { features, values in
            for text in 0..<texts.count {
                score(
                    texts.featureRange(of: text),
                    features,
                    values,
                    parameters: state.average.pointer,
                    &logits
                )
                all.append(contentsOf: logits)
            }
        }
        return all
    }

    func averagedParameters() -> [Float] {
        rows.catchUpAverages(state)
        return Array(UnsafeBufferPointer(start: state.average.pointer, count: state.count))
    }
}
