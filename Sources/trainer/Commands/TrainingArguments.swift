public import ArgumentParser
public import Model

extension TrainingOptions.Recipe: ExpressibleByArgument {}

extension TrainingOptions.Objective: ExpressibleByArgument {}

extension TrainingOptions.LanguageModelUse: ExpressibleByArgument {}

/// The options of a training run, by the names that `POST /train` uses too.
struct TrainingArguments: ParsableArguments {
    @Option(help: ArgumentHelp("How to train. (default: auto)", valueName: "recipe"))
    var recipe: TrainingOptions.Recipe?

    @Option(help: ArgumentHelp("Where the random numbers start. (default: 1)", valueName: "n"))
    var seed: Int?

    @Option(
        help: ArgumentHelp(
            """
            How often every row is seen. With fewer than about 2,000 rows, with few rows a label \
            and in the article's network exactly so often; else at most, because each path stops \
            when held-out rows no longer gain. (default: 20; with few rows 4 to 40, the more the \
            fewer; article: 1000)
            """,
            valueName: "n"
        )
    )
    var epochs: Int?

    @Option(
        help: ArgumentHelp(
            "The length of a hidden state; linear has none. (default: 48, article: 64)",
            valueName: "n"
        )
    )
    var hidden: Int?

    @Option(
        help: ArgumentHelp(
            "The factor of a gradient step at the start, twice as high in the linear path. "
                + "(default: 0.003, article: 0.02)",
            valueName: "x"
        )
    )
    var learningRate: Double?

    @Option(
        help: ArgumentHelp(
            "Where texts may have several labels: which F1 chooses when one is given, with one "
                + "threshold for all labels (micro) or one for each (macro). (default: micro)",
            valueName: "micro|macro"
        )
    )
    var objective: TrainingOptions.Objective?

    @Option(
        help: ArgumentHelp(
            """
            Whether the recurrent path first learns to predict the next and the previous word of \
            all texts: auto finds out on some rows whether that can pay, on always tries it. It \
            is kept only where the loss of rows that were not learnt falls. (default: auto)
            """,
            valueName: "auto|on|off"
        )
    )
    var languageModel: TrainingOptions.LanguageModelUse?

    @Option(
        help: ArgumentHelp("Threads; they never change the result. (default: 1)", valueName: "n")
    )
    var threads: Int?

    /// The checked options.
    func options() throws -> TrainingOptions {
        var options = TrainingOptions(recipe: recipe)
        if let seed { options.seed = seed }
        if let epochs { options.epochs = epochs }
        if let hidden { options.hidden = hidden }
        if let learningRate { options.learningRate = learningRate }
        if let objective { options.objective = objective }
        if let languageModel { options.languageModel = languageModel }
        if let threads { options.threads = threads }
        do {
            try options.validate()
        } catch {
            let name = error.pointer.dropFirst().map { $0 == "_" ? "-" : $0 }
            throw Failure(.usage, "--\(String(name)) \(error.detail)")
        }
        return options
    }
}
