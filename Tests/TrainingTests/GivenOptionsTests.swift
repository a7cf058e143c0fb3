import Examples
import Model
import TestClassifiers
import Testing
import Training

/// Options that were given are obeyed exactly, and the record tells what was asked and what ran.
@Suite struct GivenOptionsTests {
    /// Few words: `auto` tries the article's network.
    static let tiny = [
        Example(label: "billing", text: "my invoice is wrong"),
        Example(label: "billing", text: "please refund the payment"),
        Example(label: "bug", text: "the app crashes at start"),
        Example(label: "bug", text: "an error when I log in"),
    ]

    static func result(
        _ examples: [Example],
        _ change: (inout TrainingOptions) -> Void
    ) throws -> TrainingResult {
        var options = TrainingOptions()
        options.threads = 2
        change(&options)
        return try TrainingPlan(model: "m", examples: examples, options: options).run()
    }

    @Test(
        "with few rows every path runs exactly the epochs that were asked for, in each recipe",
        arguments: TrainingOptions.Recipe.allCases.flatMap { recipe in
            // 20 and 1000 are defaults of other recipes.
            [1, 2, 20, 21].map { (recipe, $0) }
        } + [(.linear, 1000), (.article, 1000), (.auto, 1000)]
    )
    func epochs(recipe: TrainingOptions.Recipe, epochs: Int) throws {
        let result = try Self.result(Self.tiny) {
            ($0.recipe, $0.epochs, $0.hidden) = (recipe, epochs, 8)
        }
        let record = result.checkpoint.training
        #expect(record.options.recipe == recipe && record.options.epochs == epochs)
        #expect(record.options.given == [.recipe, .epochs, .hidden])
        let told = try #require(record.epochs)
        #expect(told.asked == epochs && !told.paths.isEmpty)
        for path in told.paths { #expect(path.run == epochs && path.kept == epochs, "\(path)") }
        for curve in result.curves { #expect(curve.points.last?.epoch == epochs) }
    }

    @Test(
        "auto on tiny data takes what was given to whichever network it chooses",
        arguments: [
            (nil, 48, 0.02), (nil, 64, 0.02), (500, 48, nil), (1000, nil, 0.03), (19, nil, nil),
            (20, nil, nil), (30, 47, nil), (30, 48, nil), (30, nil, 0.003), (30, nil, 0.0031),
        ] as [(Int?, Int?, Double?)]
    )
    func automatic(epochs: Int?, hidden: Int?, rate: Double?) throws {
        let checkpoint = try Self.result(Self.tiny) {
            if let epochs { $0.epochs = epochs }
            if let hidden { $0.hidden = hidden }
            if let rate { $0.learningRate = rate }
        }.checkpoint
        let isArticle = checkpoint.architecture == Architecture(hiddenSize: hidden ?? 64)
        let options = checkpoint.training.options
        let defaults = TrainingOptions(recipe: isArticle ? .article : .auto)
        #expect(options.recipe == .auto)
        #expect(options.hidden == hidden ?? defaults.hidden)
        #expect(options.learningRate == rate ?? defaults.learningRate)
        // Four rows get 40 epochs of a mixed network.
        let ran = epochs ?? (isArticle ? 1000 : 40)
        #expect(options.epochs == ran)
        #expect(checkpoint.training.epochs?.asked == epochs)
        #expect(checkpoint.training.epochs?.paths.allSatisfy { $0.run == ran } == true)
        if case .mixed(let shape) = checkpoint.architecture.network, let path = shape.recurrent {
            #expect(path.hiddenSize == hidden ?? 48)
        }
    }

    @Test(
        "with many rows at most so many are run, and both numbers are told",
        arguments: [1, 3, 60]
    )
    func earlyStopping(epochs: Int) throws {
        let result = try Self.result(SyntheticTexts(2000, noise: 0.3).examples) {
            ($0.recipe, $0.epochs) = (.linear, epochs)
        }
        let told = try #require(result.checkpoint.training.epochs)
        let path = try #require(told.paths.first)
        #expect(told.asked == epochs && told.paths.count == 1 && path.name == "linear")
        #expect(path.run <= epochs && path.kept <= path.run)
        #expect(path.run == result.curves.first?.points.count)
        #expect((path.run < epochs) == (epochs == 60))
    }

    @Test("a seed and threads that equal the defaults change nothing but what is told")
    func defaults() throws {
        let plain = try Self.result(Self.tiny) { $0.recipe = .linear }.checkpoint
        var told = try Self.result(Self.tiny) {
            ($0.recipe, $0.seed, $0.threads) = (.linear, 1, 1)
        }.checkpoint
        #expect(told.training.options.given == [.recipe, .seed])
        #expect(plain.training.options.given == [.recipe])
        told.training.options = plain.training.options
        #expect(told == plain)
    }

    @Test("of a checkpoint's record the same checkpoint is made, whatever was given")
    func fromRecord() throws {
        for change in [
            { _ in }, { $0.epochs = 20 }, { ($0.hidden, $0.seed) = (48, 1) },
            { $0.learningRate = 0.003 },
            { ($0.recipe, $0.epochs) = (.linear, 1000) },
        ] as [(inout TrainingOptions) -> Void] {
            let first = try Self.result(Self.tiny, change).checkpoint
            let read = try Checkpoint(parsing: first.encoded(), source: "m")
            #expect(read.training == first.training)
            let plan = TrainingPlan(
                model: "m",
                examples: Self.tiny,
                options: read.training.options
            )
            #expect(try plan.run().checkpoint.encoded() == first.encoded())
        }
    }
}
