internal import Model
internal import Optimization

/// Trains the recurrent path to predict words: batches cut into shards of fixed size, whose
/// gradients are summed in a fixed order, so that the number of threads changes nothing but the
/// time.
final class LanguageModelTrainer {
    private typealias Language = LanguageModel<Float>

    private let model: Language
    private let texts: EncodedTexts
    private let plan: LanguageModelPlan
    private let seed: UInt64
    private let team: WorkerTeam
    private let state: AdamState
    private var rows: SparseRows
    private var candidates: WordCandidates
    private let outputs = Language.Outputs()
    private let transposes = RecurrentNetwork<Float>.Transposes()
    private let shards: [Shard]

    /// One shard's workspace and its gradient of the shared parameters.
    private final class Shard {
        let workspace = Language.Workspace()
        let gradient: ScalarBuffer<Float>
        var texts: [Int] = []
        var loss = 0.0

        init(count: Int) { gradient = ScalarBuffer(count: count) }
    }

    /// - Parameters:
    ///   - shape: the sizes of the network; it has a cell.
    ///   - texts: the texts to learn from.
    ///   - plan: how much and how fast.
    ///   - seed: where the random numbers start.
    ///   - team: the threads that work on a batch.
    ///   - vectors: the word vectors that the shape has room for.
    init(
        shape: RecurrentShape,
        texts: EncodedTexts,
        plan: LanguageModelPlan,
        seed: UInt64,
        team: WorkerTeam,
        vectors: WordVectors? = nil
    ) {
        candidates = WordCandidates(
            wordCount: shape.wordCount,
            mostClasses: LanguageModelPlan.mostClasses,
            frequent: LanguageModelPlan.frequentClasses,
            least: plan.candidates
        )
        let model = Language(
            shape,
            vectors: vectors,
            forms: texts.forms,
            classCount: candidates.classCount
        )
        self.model = model
        (self.texts, self.plan, self.seed, self.team) = (texts, plan, seed, team)
        state = AdamState(count: model.layout.count)
        rows = SparseRows(
            rows: shape.wordCount + shape.subwordCount,
            width: shape.inputSize,
            offset: 0
        )
        model.initialize(state.parameters.pointer, seed: seed)
        let shardCount = LanguageModelPlan.batchSize / LanguageModelPlan.shardSize
        shards = (0..<shardCount).map { _ in Shard(count: model.layout.shared.count) }
    }

    /// Trains one epoch over as many texts as the plan says, in an order drawn from the seed and
    /// the epoch's number.
    ///
    /// - Parameters:
    ///   - epoch: its number, from 1.
    ///   - check: called before each batch with its share of the epoch.
    /// - Returns: The mean cross-entropy of a prediction in nats, each before the step on it.
    /// - Throws: whatever `check` throws.
    func trainEpoch(_ epoch: Int, check: (_ share: Double) throws -> Void) throws -> Double {
        let order = shuffledOrder(count: texts.count, seed: seed &+ 0x1A96, epoch: epoch)
            .prefix(plan.textsPerEpoch)
        var (loss, count) = (0.0, 0)
        var start = 0
        while start < order.count {
            let batch = order[start..<min(start + LanguageModelPlan.batchSize, order.count)]
            try check(Double(batch.count) / Double(order.count))
            let predictions =
                batch.reduce(0) { $0 + texts.formRange(of: $1).count }
                * model.network.shape.directions
            loss += train(batch, epoch: epoch, share: 1 / Float(predictions))
            count += predictions
            start += batch.count
        }
        return loss / Double(max(count, 1))
    }

    private func train(_ batch: ArraySlice<Int>, epoch: Int, share: Float) -> Double {
        // Neighbours in length share a shard: fewer steps with few texts alive.
        let sorted = batch.sorted {
            (texts.formRange(of: $0).count, $1) > (texts.formRange(of: $1).count, $0)
        }
        let size = LanguageModelPlan.shardSize
        let active = (sorted.count + size - 1) / size
        for index in 0..<active {
            shards[index].texts = Array(
                sorted[(index * size)..<min((index + 1) * size, sorted.count)]
            )
        }
        state.beginStep()
        chooseCandidates(batch)
        model.prepare(
            candidates,
            forms: texts.forms,
            parameters: state.parameters.pointer,
            into: outputs
        )
        model.network.transpose(state.parameters.pointer, into: transposes)
        team.run(count: active) { [self] index in
            pass(shards[index], epoch: epoch, share: share)
        }
        update(active)
        return shards[..<active].reduce(0) { $0 + $1.loss }
    }

    /// The words of the batch, and others drawn by its number.
    private func chooseCandidates(_ batch: ArraySlice<Int>) {
        var targets: [Int32] = []
        texts.withForms { all in
            for text in batch {
                for form in all[texts.formRange(of: text)] {
                    targets.append(candidates.wordClass(row: texts.forms.wordRows[Int(form)]))
                }
            }
        }
        candidates.choose(
            targets: targets,
            seed: seed ^ UInt64(state.step) &* 0x9E37_79B9_7F4A_7C15
        )
    }

    /// Forward and backward over one shard.
    private func pass(_ shard: Shard, epoch: Int, share: Float) {
        shard.gradient.zeros(model.layout.shared.count)
        texts.withForms { all in
            let slices = shard.texts.map {
                UnsafeBufferPointer(rebasing: all[texts.formRange(of: $0)])
            }
            let loss = model.learn(
                slices,
                forms: texts.forms,
                candidates: candidates,
                outputs: outputs,
                parameters: state.parameters.pointer,
                transposes: transposes,
                dropout: (
                    LanguageModelPlan.dropout, shard.texts.map { textSeed($0, epoch: epoch) }
                ),
                share: share,
                gradient: shard.gradient.pointer,
                workspace: shard.workspace
            )
            shard.loss = Double(loss)
        }
    }

    /// Adds the shards' gradients in their order and takes one step.
    private func update(_ active: Int) {
        let rate = plan.rate(step: state.step)
        for shard in shards[1..<max(active, 1)] {
            model.addOutputGradients(candidates, of: shard.workspace, to: shards[0].workspace)
        }
        // Marks and biases are dense too, so the tables come first.
        addRowGradients(active)
        team.run(count: 2) { [self] part in
            if part == 0 {
                rows.update(state, learningRate: rate)
            } else {
                updateDense(active, rate: rate)
            }
        }
        state.endStep()
    }

    private func addRowGradients(_ active: Int) {
        let (width, gradient) = (model.network.shape.inputSize, state.gradient.pointer)
        let tables = model.layout.dense.lowerBound
        func add(_ offset: Int, _ source: UnsafePointer<Float>, _ share: Float) {
            if offset < tables { rows.touch(offset / width) }
            Float.addScaled(count: width, gradient + offset, source, scale: share)
        }
        for shard in shards[..<active] {
            model.network.forEachTableGradient(
                forms: texts.forms,
                workspace: shard.workspace.network,
                add
            )
        }
        model.forEachOutputGradient(
            candidates,
            forms: texts.forms,
            workspace: shards[0].workspace,
            add,
            bias: { gradient[$0] += $1 }
        )
    }

    private func updateDense(_ active: Int, rate: Double) {
        let shared = model.layout.shared
        for shard in shards[..<active] {
            Float.addScaled(
                count: shared.count,
                state.gradient.pointer + shared.lowerBound,
                shard.gradient.pointer,
                scale: 1
            )
        }
        state.update(model.layout.dense, learningRate: rate)
    }

    private func textSeed(_ text: Int, epoch: Int) -> UInt64 {
        var generator = SplitMix64(seed: ~seed ^ UInt64(epoch) << 40 ^ UInt64(text) &* 0x9E37_79B9)
        return generator.next()
    }

    /// What a classifier begins with, by the words and sub-words of this dictionary.
    func start(_ lookup: FeatureLookup) -> LanguageModelStart {
        LanguageModelStart(
            lookup: lookup,
            layout: model.layout.network,
            parameters: Array(
                UnsafeBufferPointer(
                    start: state.parameters.pointer,
                    count: model.layout.network.count
                )
            )
        )
    }
}
