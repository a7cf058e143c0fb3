public import ArgumentParser
public import Model

extension TrainingOptions.Recipe: ExpressibleByArgument {}

/// The options of a training run, by the names that `POST /train` uses too.
struct TrainingArguments: ParsableArguments {
    @Option(help: ArgumentHelp("How to train.", valueName: "recipe"))
    var recipe = TrainingOptions().recipe

    @Option(help: ArgumentHelp("Where the random numbers start.", valueName: "n"))
    var seed: Int = TrainingOptions().seed

    @Option(
        help: ArgumentHelp(
            "How often every row is seen, at most. (default: 20, article: 1000)",
            valueName: "n"
        )
    )
    var epochs: Int?

    @Option(
        help: ArgumentHelp(
            "The length of a hidden state. (default: 48, article: 64)",
            valueName: "n"
        )
    )
    var hidden: Int?

    @Option(
        help: ArgumentHelp(
            "The factor of a gradient step. (default: 0.003, article: 0.02)",
            valueName: "x"
        )
    )
    var learningRate: Double?

    @Option(help: ArgumentHelp("Threads; they never change the result.", valueName: "n"))
    var threads: Int = TrainingOptions().threads

    /// The checked options.
    func options() throws -> TrainingOptions {
        var options = TrainingOptions(recipe: recipe)
        options.seed = seed
        options.epochs = epochs ?? options.epochs
        options.hidden = hidden ?? options.hidden
        options.learningRate = learningRate ?? options.learningRate
        options.threads = threads
        do {
            try options.validate()
        } catch {
            let name = error.pointer.dropFirst().map { $0 == "_" ? "-" : $0 }
            throw Failure(.usage, "--\(String(name)) \(error.detail)")
        }
        return options
    }
}
