internal import ArgumentParser
internal import Evaluation
internal import Glibc
internal import JSON
internal import Model
internal import Optimization
internal import Report
internal import Training

/// `trainer compare`: the zoo on one split, in one table.
struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Trains every network of the zoo on the same rows and compares them.",
        discussion: """
            Prints one table: accuracy, macro-F1, negative log-likelihood (nats), expected \
            calibration error, seconds of training, parameters, and microseconds to classify a \
            text on one thread. Two baselines come first: always the most frequent label, and \
            logistic regression on counts of words. Nothing is written.

            The rows of --test are scored. Without --test the rows of --dev are scored, though \
            they may have chosen epochs and mix. Without either a fifth of the rows is held out. \
            The article's network is trained only on data of its kind (at most 200 rows of at most \
            63 different words), or if --recipes names it.

            With --json one object: training_rows, scored_rows, and models, each with name, \
            accuracy, macro_f1, loss, ece, seconds, parameters, microseconds_per_text (null for a \
            baseline) and remark (what was chosen, or why training gave no model).

            Example: trainer compare --data models/mood/train.tsv --test models/mood/test.tsv
            """
    )

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Rows to learn from; - is standard input.", valueName: "file")
    )
    var data: [String]

    @Option(
        help: ArgumentHelp(
            "Rows that choose the best epoch and the mix; with fewer than about 2,000 rows to "
                + "learn from, or few rows a label, cross-validation does that and these only "
                + "measure.",
            valueName: "file"
        )
    )
    var dev: String?

    @Option(help: ArgumentHelp("Rows that only measure the result.", valueName: "file"))
    var test: String?

    @OptionGroup var rows: RowArguments

    @Option(
        help: ArgumentHelp(
            "Which recipes, separated by commas. "
                + "(default: \(RecipeBenchmark.zoo.map(\.rawValue).joined(separator: ",")))",
            valueName: "recipes"
        )
    )
    var recipes: String?

    @Option(help: ArgumentHelp("Where the random numbers start.", valueName: "n"))
    var seed: Int = TrainingOptions().seed

    @Option(help: ArgumentHelp("Threads; they never change the scores.", valueName: "n"))
    var threads: Int = TrainingOptions().threads

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard TrainingOptions.allowedSeeds.contains(seed) else {
            throw ValidationError("--seed must be a whole number from 0 to 2^53 - 1.")
        }
        guard TrainingOptions.allowedThreads.contains(threads) else {
            throw ValidationError("--threads must be from 1 to 64.")
        }
        _ = try named()
    }

    func run() throws {
        try reportingFailures {
            let benchmark = try RecipeBenchmark(
                examples: DataFiles.read(data, rows),
                development: dev.map { try DataFiles.read([$0], rows) } ?? [],
                test: test.map { try DataFiles.read([$0], rows) } ?? [],
                seed: seed,
                threads: threads
            )
            let table = RecipeTable(
                try scores(benchmark),
                trainingRows: benchmark.trainingRows,
                heldOutRows: benchmark.heldOutRows
            )
            if json {
                var writer = JSONWriter()
                table.encode(to: &writer)
                try StandardOutput.write(json: writer.finish())
            } else {
                try StandardOutput.write(page: table.description)
            }
        }
    }

    private func scores(_ benchmark: RecipeBenchmark) throws -> [RecipeScore] {
        StopSignal.watch(SIGINT, SIGTERM)
        var scores = try benchmark.baselines()
        let recipes = try named() ?? benchmark.recipes
        for (index, recipe) in recipes.enumerated() {
            StandardError.say("\(recipe.rawValue) (\(index + 1) of \(recipes.count))")
            var display = ProgressDisplay()
            defer { display.end() }
            scores.append(
                try benchmark.score(recipe) { progress in
                    display.show(progress)
                    return StopSignal.current == nil ? .proceed : .stop
                }
            )
        }
        return scores
    }

    /// The recipes that `--recipes` names; nil without it.
    private func named() throws -> [TrainingOptions.Recipe]? {
        try recipes?.split(separator: ",", omittingEmptySubsequences: false).map { name in
            guard let recipe = TrainingOptions.Recipe(rawValue: String(name)) else {
                let known = TrainingOptions.Recipe.allCases.map(\.rawValue)
                throw ValidationError(
                    "--recipes knows no \"\(name)\"; it may have \(known.joined(separator: ", "))."
                )
            }
            return recipe
        }
    }
}
