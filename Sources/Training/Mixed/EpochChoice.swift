internal import Judgement
internal import Model

/// Rows, in parts, that choose among the epochs of a path.
struct EpochJury {
    private let rows: EvidenceRows
    private let head: Head

    init(_ rows: EvidenceRows, head: Head) {
        self.rows = rows
        self.head = head
    }

    /// How many parts of the rows there are.
    var partCount: Int { rows.crossFitting.count }

    /// Temperatures 0.35·1.45^i below 6: confidence that calibration will take back is not
    /// punished.
    private static let temperatures: [Float] = {
        var all: [Float] = []
        var temperature: Float = 0.35
        while temperature < 6 {
            all.append(temperature)
            temperature *= 1.45
        }
        return all
    }()

    /// The cross-entropy in nats of logits, (rows × classes), at the best temperature: by all
    /// rows, and by all but each part.
    func losses(_ logits: [Float]) -> (all: Double, withoutPart: [Double]) {
        let (classCount, parts) = (rows.classCount, rows.crossFitting.parts)
        var row = [Float](repeating: 0, count: classCount)
        var counts = [Double](repeating: 0, count: partCount)
        for part in parts { counts[part] += 1 }
        let count = Double(parts.count)
        var all = Double.infinity
        var withoutPart = counts.map { _ in Double.infinity }
        for temperature in EpochJury.temperatures {
            var sums = counts.map { _ in 0.0 }
            for (text, label) in rows.labels.enumerated() {
                for index in 0..<classCount {
                    row[index] = logits[text * classCount + index] / temperature
                }
                let loss = head.loss(&row, classes: classCount, label: label)
                sums[parts[text]] += Double(loss)
            }
            let sum = sums.reduce(0, +)
            all = min(all, sum / count)
            for part in sums.indices where count > counts[part] {
                withoutPart[part] = min(
                    withoutPart[part],
                    (sum - sums[part]) / (count - counts[part])
                )
            }
        }
        return (all, withoutPart)
    }
}

/// The epoch that some rows choose while a path is trained: the last one that made their loss
/// smaller.
struct EpochChoice {
    /// From 1; 0 as long as no epoch was of use.
    private(set) var epoch = 0
    /// The loss after it, in nats.
    private(set) var loss = Double.infinity
    /// What the path says of all held-out rows after it, (rows × classes).
    private(set) var logits: [Float] = []
    /// Whether it is sure: so many epochs have passed since that none is waited for.
    private(set) var isFinal = false

    /// Epochs without gain before the choice is final.
    static let patience = 4
    /// A smaller gain is none.
    private static let leastGain = 1e-4

    /// Waits for the first epoch.
    init() {}

    /// The last epoch of a fixed schedule, which nothing chose.
    init(lastEpoch: Int, logits: [Float]) {
        epoch = lastEpoch
        self.logits = logits
        isFinal = true
    }

    /// Looks at an epoch.
    ///
    /// - Returns: Whether it is the new choice.
    mutating func consider(epoch: Int, loss: Double, logits: [Float]) -> Bool {
        guard !isFinal else { return false }
        let isBetter = loss < self.loss - EpochChoice.leastGain
        if isBetter { (self.epoch, self.loss, self.logits) = (epoch, loss, logits) }
        isFinal = epoch - self.epoch >= EpochChoice.patience
        return isBetter
    }
}
