internal import Model
internal import Optimization

/// Trains the recurrent path: batches cut into shards of fixed size, whose gradients are summed in
/// a fixed order, so that the number of threads changes nothing but the time.
final class RecurrentPathTrainer: PathTrainer {
    typealias Network = RecurrentNetwork<Float>

    private let network: Network
    private let texts: EncodedTexts
    private let labels: [Int]
    private let head: Head
    private let schedule: Schedule
    private let seed: UInt64
    private let team: WorkerTeam
    private let state: AdamState
    private var rows: SparseRows
    private let transposes = Network.Transposes()
    private var shards: [Shard] = []

    /// Texts of a batch that walk through the network together.
    private static let shardSize = 4
    private static let dropout = Network.Dropout(words: 0.1, inputs: 0.5, pooled: 0.5)

    /// One shard's workspace and its gradient of the dense parameters.
    private final class Shard {
        let workspace = Network.Workspace()
        let gradient: ScalarBuffer<Float>
        var texts: [Int] = []
        var score = EpochScore()

        init(denseCount: Int) {
            gradient = ScalarBuffer(count: denseCount)
        }
    }

    /// - Parameters:
    ///   - shape: the sizes of the network.
    ///   - texts: the texts to learn from.
    ///   - labels: the label of each.
    ///   - head: what the outputs mean.
    ///   - schedule: how long and how fast.
    ///   - seed: where the random numbers start.
    ///   - team: the threads that work on a batch.
    ///   - vectors: the word vectors that the shape has room for.
    ///   - start: may overwrite the parameters before the first step.
    init(
        shape: RecurrentShape,
        texts: EncodedTexts,
        labels: [Int],
        head: Head,
        schedule: Schedule,
        seed: UInt64,
        team: WorkerTeam,
        vectors: WordVectors? = nil,
        start: (UnsafeMutablePointer<Float>) -> Void
    ) {
        network = Network(shape, vectors: vectors)
        self.texts = texts
        self.labels = labels
        self.head = head
        self.schedule = schedule
        self.seed = seed
        self.team = team
        state = AdamState(count: network.layout.count)
        rows = SparseRows(
            rows: shape.wordCount + shape.subwordCount,
            width: shape.inputSize,
            offset: 0
        )
        network.initialize(state.parameters.pointer, seed: seed)
        start(state.parameters.pointer)
        network.transpose(state.parameters.pointer, into: transposes)
        state.startAverage()
        let shardCount =
            (schedule.batchSize + RecurrentPathTrainer.shardSize - 1)
            / RecurrentPathTrainer.shardSize
        shards = (0..<shardCount).map { _ in Shard(denseCount: network.layout.denseCount) }
    }

    func trainEpoch(_ epoch: Int, check: (_ share: Double) throws -> Void) throws -> EpochScore {
        let order = shuffledOrder(count: labels.count, seed: seed, epoch: epoch)
        var score = EpochScore()
        var start = 0
        while start < order.count {
            let batch = order[start..<min(start + schedule.batchSize, order.count)]
            try check(Double(batch.count) / Double(order.count))
            score += trainBatch(batch, epoch: epoch)
            start += schedule.batchSize
        }
        return score / order.count
    }

    private func trainBatch(_ batch: ArraySlice<Int>, epoch: Int) -> EpochScore {
        // Neighbours in length share a shard: fewer steps with few texts alive.
        let sorted = batch.sorted {
            (texts.formRange(of: $0).count, $1) > (texts.formRange(of: $1).count, $0)
        }
        let size = RecurrentPathTrainer.shardSize
        let active = (sorted.count + size - 1) / size
        for index in 0..<active {
            shards[index].texts = Array(
                sorted[(index * size)..<min((index + 1) * size, sorted.count)]
            )
        }
        state.beginStep()
        team.run(count: active) { [self] index in
            pass(shards[index], epoch: epoch, share: 1 / Float(batch.count))
        }
        update(active)
        return shards[..<active].reduce(into: EpochScore()) { $0 += $1.score }
    }

    /// Forward and backward over one shard.
    private func pass(_ shard: Shard, epoch: Int, share: Float) {
        let classes = network.shape.classCount
        shard.score = EpochScore()
        shard.gradient.zeros(network.layout.denseCount)
        texts.withForms { all in
            let slices = shard.texts.map {
                UnsafeBufferPointer(rebasing: all[texts.formRange(of: $0)])
            }
            let seeds = shard.texts.map { textSeed($0, epoch: epoch) }
            let logits = network.forward(
                slices,
                forms: texts.forms,
                parameters: state.parameters.pointer,
                dropout: (RecurrentPathTrainer.dropout, seeds),
                workspace: shard.workspace
            )
            for (position, text) in shard.workspace.order.enumerated() {
                let label = labels[shard.texts[text]]
                let row = logits + position * classes
                let loss = head.loss(row, classes: classes, label: label)
                shard.score.add(loss: loss, row, classes: classes, label: label, head: head)
                head.differentiate(row, label: label)
                for index in 0..<classes { row[index] *= share }
            }
            network.backward(
                dLogits: logits,
                parameters: state.parameters.pointer,
                transposes: transposes,
                gradient: shard.gradient.pointer,
                workspace: shard.workspace
            )
        }
    }

    /// Adds the shards' gradients in their order and takes one step, on the tables and on the dense
    /// parameters at once.
    private func update(_ active: Int) {
        let rate = schedule.rate(step: state.step, textCount: labels.count)
        team.run(count: 2) { [self] part in
            if part == 0 {
                updateTables(active, rate: rate)
            } else {
                updateDense(active, rate: rate)
            }
        }
        state.endStep()
    }

    private func updateTables(_ active: Int, rate: Double) {
        let width = network.shape.inputSize
        let gradient = state.gradient.pointer
        for shard in shards[..<active] {
            network.forEachTableGradient(forms: texts.forms, workspace: shard.workspace) {
                offset,
                source,
                share in
                rows.touch(offset / width)
                Float.addScaled(count: width, gradient + offset, source, scale: share)
            }
        }
        rows.update(state, learningRate: rate)
    }

    private func updateDense(_ active: Int, rate: Double) {
        let dense = network.layout.denseOffset..<network.layout.count
        // So few at a time that they stay in the first-level cache from sum to average.
        for start in stride(from: dense.lowerBound, to: dense.upperBound, by: 1024) {
            let block = start..<min(start + 1024, dense.upperBound)
            for shard in shards[..<active] {
                let source = shard.gradient.pointer + (start - dense.lowerBound)
                Float.addScaled(
                    count: block.count,
                    state.gradient.pointer + start,
                    source,
                    scale: 1
                )
            }
            state.update(block, learningRate: rate)
            if let averageStep = state.averageStep { state.moveAverage(block, step: averageStep) }
        }
        network.transpose(state.parameters.pointer, into: transposes)
    }

    private func textSeed(_ text: Int, epoch: Int) -> UInt64 {
        var generator = SplitMix64(seed: seed ^ UInt64(epoch) << 40 ^ UInt64(text) &* 0x9E37_79B9)
        return generator.next()
    }

    func logits(_ texts: EncodedTexts) -> [Float] {
        rows.catchUpAverages(state)
        let byLength = (0..<texts.count).sorted {
            (texts.formRange(of: $0).count, $0) < (texts.formRange(of: $1).count, $1)
        }
        let classes = network.shape.classCount
        let all = ScalarBuffer<Float>(count: texts.count * classes)
        let groups = (texts.count + 7) / 8
        team.run(count: min(shards.count, groups)) { [self] shard in
            // Each shard reads groups of its own, and every text has its own row.
            for group in stride(from: shard, to: groups, by: shards.count) {
                let members = byLength[(group * 8)..<min((group + 1) * 8, texts.count)]
                read(texts, members, workspace: shards[shard].workspace, into: all.pointer)
            }
        }
        return Array(UnsafeBufferPointer(start: all.pointer, count: texts.count * classes))
    }

    /// Writes the logits of some texts to their rows of `all`.
    private func read(
        _ texts: EncodedTexts,
        _ members: ArraySlice<Int>,
        workspace: Network.Workspace,
        into all: UnsafeMutablePointer<Float>
    ) {
        let classes = network.shape.classCount
        texts.withForms { forms in
            let slices = members.map {
                UnsafeBufferPointer(rebasing: forms[texts.formRange(of: $0)])
            }
            let logits = network.forward(
                slices,
                forms: texts.forms,
                parameters: state.average.pointer,
                workspace: workspace
            )
            for (position, member) in workspace.order.enumerated() {
                (all + members[members.startIndex + member] * classes).update(
                    from: logits + position * classes,
                    count: classes
                )
            }
        }
    }

    func averagedParameters() -> [Float] {
        rows.catchUpAverages(state)
        return Array(UnsafeBufferPointer(start: state.average.pointer, count: state.count))
    }
}
