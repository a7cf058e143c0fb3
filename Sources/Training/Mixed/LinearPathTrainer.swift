internal import Model
internal import Optimization

/// Trains the linear path: softmax regression on TF-IDF features, rows starting at 0, no bias.
final class LinearPathTrainer: PathTrainer {
    private let texts: EncodedTexts
    private let labels: [Int]
    private let weights: [Float]
    private let classCount: Int
    private let head: Head
    private let schedule: Schedule
    private let seed: UInt64
    private let table: AdamTable
    private let logits: ScalarBuffer<Float>
    /// What the logits begin with; empty for 0.
    private let offsets: [Float]
    private var features = EncodedTexts.Features()

    /// Its learning rate, against the recurrent path's.
    private static let rateFactor = 2.0

    /// - Parameters:
    ///   - texts: the texts to learn from.
    ///   - labels: the label of each.
    ///   - weights: what each counts; empty where all count as much.
    ///   - classCount: the number of labels.
    ///   - head: what the outputs mean.
    ///   - featureCount: the number of features.
    ///   - offsets: what the logits begin with; empty for 0.
    ///   - scalesSteps: whether a weight is learnt the faster, the more a naive Bayes classifier
    ///     would make of it; texts then have one label each.
    ///   - schedule: how long and how fast.
    ///   - seed: where the random numbers start.
    ///   - transfer: the parameters to begin with; nil for 0.
    init(
        texts: EncodedTexts,
        labels: [Int],
        weights: [Float] = [],
        classCount: Int,
        head: Head,
        featureCount: Int,
        offsets: [Float] = [],
        scalesSteps: Bool = false,
        schedule: Schedule,
        seed: UInt64,
        transfer: ((UnsafeMutablePointer<Float>) -> Void)?
    ) {
        self.texts = texts
        self.labels = labels
        self.weights = weights
        self.classCount = classCount
        self.head = head
        self.schedule = schedule
        self.seed = seed
        self.offsets = offsets
        table = AdamTable(rows: featureCount, columns: classCount, isScaled: scalesSteps)
        if scalesSteps {
            table.scaleSteps(texts.bayesRates(labels: labels, classCount: classCount).scales)
        }
        logits = ScalarBuffer(count: table.width)
        guard let transfer else { return }
        let start = ScalarBuffer<Float>(count: featureCount * classCount)
        transfer(start.zeros(featureCount * classCount))
        table.fill(start.pointer)
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
        let share = 1 / Float(batch.count)
        table.beginStep()
        for text in batch {
            texts.withFeatures(of: text, in: &features) { features, values in
                let row = logits.pointer
                table.sum(features, weights: values, ofAverages: false, into: row)
                for (label, offset) in offsets.enumerated() { row[label] += offset }
                let loss = head.loss(row, classes: classCount, label: labels[text])
                sum.add(
                    loss: loss,
                    row,
                    classes: classCount,
                    label: labels[text],
                    head: head
                )
                head.differentiate(row, label: labels[text])
                let scale = weights.isEmpty ? share : share * weights[text]
                table.addGradient(features, weights: values, scale: scale, row)
            }
        }
        table.endStep(
            learningRate: LinearPathTrainer.rateFactor
                * schedule.rate(step: table.step, textCount: labels.count)
        )
        return sum
    }

    func logits(_ texts: EncodedTexts) -> [Float] {
        table.catchUpAverages()
        return [Float](unsafeUninitializedCapacity: texts.count * classCount) { target, count in
            guard let base = target.baseAddress else { return }
            for text in 0..<texts.count {
                texts.withFeatures(of: text, in: &features) { features, values in
                    table.sum(features, weights: values, ofAverages: true, into: logits.pointer)
                }
                for (label, offset) in offsets.enumerated() { logits.pointer[label] += offset }
                (base + text * classCount).initialize(from: logits.pointer, count: classCount)
            }
            count = texts.count * classCount
        }
    }

    func averagedParameters() -> [Float] { table.averages() }
}
