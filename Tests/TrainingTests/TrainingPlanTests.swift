import Evaluation
import Examples
import Model
import Optimization
import Synchronization
import Testing
import Training

/// A whole run: what is refused, what stops it, what is the same and what differs.
@Suite struct TrainingPlanTests {
    static let rows = [
        ("happy", "I am good"), ("sad", "I am bad"), ("sad", "not good"), ("happy", "not bad"),
        ("happy", "this is not at all bad"), ("sad", "this is not at all good"),
    ].map { Example(label: $0.0, text: $0.1) }

    private func plan(_ rows: [Example] = rows, epochs: Int = 200) -> TrainingPlan {
        var options = TrainingOptions(recipe: .article)
        options.epochs = epochs
        return TrainingPlan(model: "mood", examples: rows, options: options)
    }

    @Test("learns, records how, and the model serves")
    func learns() throws {
        var plan = plan()
        plan.test = [Example(label: "sad", text: "Not good")]
        let result = try plan.run()
        #expect(result.isComplete)
        #expect(result.train.accuracy == 1)
        #expect(result.test?.accuracy == 1)
        #expect(result.development == nil)
        let record = result.checkpoint.training
        #expect(record.rows == 6)
        #expect(record.options == plan.options)
        #expect(record.train == result.train.scores)
        #expect(record.heldOut == result.test?.scores)
        #expect(record.baselines.map(\.name) == ["majority", "bag-of-words"])
        #expect(result.checkpoint.labels == ["happy", "sad"])
        #expect(
            result.checkpoint.vocabulary.words.prefix(5) == ["<unk>", "i", "am", "good", "bad"]
        )
        let classifier = try TextClassifier(result.checkpoint)
        #expect(
            classifier.labels[classifier.classify("I am not bad").prediction.labelIndex] == "happy"
        )
    }

    @Test("equal plans give equal checkpoints, on one thread or two; another seed does not")
    func deterministic() throws {
        let first = try plan(epochs: 20).run().checkpoint
        var threaded = plan(epochs: 20)
        threaded.options.threads = 2
        // Not shown in full where they differ: that would be every weight.
        let areEqual = try threaded.run().checkpoint == first
        #expect(areEqual)
        var other = plan(epochs: 20)
        other.options.seed = 2
        #expect(try other.run().checkpoint.tensors != first.tensors)
    }

    @Test("the order of the rows matters, as in the article, but not that of the labels")
    func order() throws {
        let first = try plan(epochs: 20).run().checkpoint
        let reversed = try plan(TrainingPlanTests.rows.reversed(), epochs: 20).run().checkpoint
        #expect(first.labels == reversed.labels)
        #expect(first.tensors != reversed.tensors)
    }

    @Test(
        "rows that teach nothing are refused before any work",
        arguments: [
            ([], TrainingError.noExamples),
            ([("a", "x")], .oneLabel("a")),
            ([("a", "x"), ("a", "y")], .oneLabel("a")),
            ([("a", "x"), ("b", "x")], .contradictory(texts: 1)),
            (
                [("a", "Same text"), ("b", "same  TEXT"), ("a", "same text")],
                .contradictory(texts: 1)
            ),
            ([("a", "x"), ("b", "x"), ("b", "y")], .contradictory(texts: 1)),
        ]
    )
    func refused(_ rows: [(String, String)], _ expected: TrainingError) {
        let examples = rows.map { Example(label: $0.0, text: $0.1) }
        #expect(throws: expected) { try plan(examples).run() }
    }

    @Test("some contradictions are noise, not a reason to refuse")
    func noise() throws {
        let noisy = TrainingPlanTests.rows + [Example(label: "sad", text: "I am good")]
        #expect(try plan(noisy, epochs: 5).run().train.rows == 7)
    }

    @Test("a model too large, a bad name and a long label are refused")
    func limits() {
        var large = plan((0..<20_000).map { Example(label: "\($0 % 2)", text: "word\($0)") })
        large.options.hidden = 1024
        let error = TrainingError.tooManyParameters(
            words: 20_001,
            hidden: 1024,
            limit: Architecture.maximumParameters
        )
        #expect(throws: error) { try large.run() }
        var named = plan()
        named.model = "../mood"
        #expect(throws: TrainingError.self) { try named.run() }
        let label = String(repeating: "l", count: 257)
        let long = plan(TrainingPlanTests.rows + [Example(label: label, text: "x")])
        #expect(throws: TrainingError.self) { try long.run() }
    }

    @Test("a label that only the test rows have is refused before training")
    func unknownLabel() {
        var unknown = plan(epochs: 100_000)
        unknown.test = [Example(label: "sad", text: "bad"), Example(label: "angry", text: "x")]
        let error = TrainingError.unknownLabel(part: "test", row: 2, label: "angry")
        #expect(throws: error) { try unknown.run() }
        unknown.test = []
        unknown.development = [Example(label: "angry", text: "x")]
        #expect(throws: TrainingError.self) { try unknown.run() }
    }

    @Test("a learning rate that leads nowhere is an error, never a model", arguments: 1...5)
    func diverges(seed: Int) {
        var wild = plan(epochs: 300)
        wild.options.seed = seed
        wild.options.learningRate = 1e6
        do {
            _ = try wild.run()
            Issue.record("A learning rate of a million gave a model")
        } catch {
            #expect(error.code == "diverged")
            #expect(error.description.contains("lower learning rate"))
        }
    }

    @Test("the observer stops a run inside an epoch")
    func stops() {
        // One epoch of these takes seconds; the observer is asked every 50 ms.
        let rows = (0..<4000).map { row in
            Example(label: "\(row % 2)", text: "\(row) " + String(repeating: "a b ", count: 70))
        }
        var long = plan(rows, epochs: 1)
        long.options.hidden = 256
        let calls = Atomic(0)
        let start = ContinuousClock.now
        #expect(throws: TrainingError.stopped(epoch: 1)) {
            try long.run { progress in
                calls.add(1, ordering: .relaxed)
                #expect(progress.fraction < 1)
                return .stop
            }
        }
        #expect(calls.load(ordering: .relaxed) == 1)
        #expect(ContinuousClock.now - start < .seconds(20))
    }

    @Test("a stopped run that keeps its best has the weights of a run of so many epochs")
    func keepsBest() throws {
        let texts = (0..<300).map { row in
            Example(label: "\(row % 3 % 2)", text: "a\(row % 3) b\(row % 7) c\(row % 5)")
        }
        var stopped = plan(texts, epochs: 100_000)
        stopped.keepsBest = true
        let result = try stopped.run { $0.epoch > 2 ? .stop : .proceed }
        #expect(!result.isComplete)
        let record = try #require(result.checkpoint.training.epochs)
        #expect(result.checkpoint.training.options.epochs == 100_000 && record.asked == 100_000)
        let epochs = try #require(record.paths.first).kept
        #expect((1..<100_000).contains(epochs))
        let areEqual =
            try plan(texts, epochs: epochs).run().checkpoint.tensors == result.checkpoint.tensors
        #expect(areEqual)
    }
}
