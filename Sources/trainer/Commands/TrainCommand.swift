internal import ArgumentParser
internal import DataDoctor
internal import Evaluation
internal import Examples
internal import Glibc
internal import JSON
internal import Model
internal import Optimization
internal import Training

/// `trainer train`: rows in, checkpoint out.
struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Trains a model on labelled rows and writes its checkpoint.",
        discussion: """
            Rows come from CSV or TSV (with a header that names a text and a label column, or \
            label and text without one; divided by commas, semicolons, tabs or |), JSON lines or \
            an array ({"text": …, "label": …}) or fastText (__label__name text), in UTF-8. \
            Where a text may have several labels, rows have "labels": […], or several __label__, \
            or --label-separator divides the column; the model then gives each text any number. \
            Nothing is written unless the whole run succeeds; equal rows, options and seed give \
            an equal file.

            Recipe article: the Elman network of "Building a Neural Network Zoo From Scratch", \
            trained as there: one text at a time in the order of the file, plain SGD, gradients \
            clipped to [-1, 1]. Shuffle rows that are sorted by label.

            Ctrl-C stops the run and writes nothing, or with --keep-best the best weights so far.

            Example: trainer train --data models/mood/train.tsv --test models/mood/test.tsv \
            --model mood --seed 1
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

    @Option(
        help: ArgumentHelp(
            "Hold out this share of the rows instead of --dev: each label in proportion, equal "
                + "texts never on both sides.",
            valueName: "fraction"
        )
    )
    var holdout: Double?

    @OptionGroup var rows: RowArguments

    @Option(help: ArgumentHelp("The model's name.", valueName: "name"))
    var model: String

    @Option(
        help: ArgumentHelp(
            "Where to write the checkpoint. (default: models/<name>.json)",
            valueName: "file"
        )
    )
    var out: String?

    @Option(
        help: ArgumentHelp(
            "Also write the report that a job of the service would have, for trainer report.",
            valueName: "file"
        )
    )
    var report: String?

    @OptionGroup var training: TrainingArguments

    @Option(
        help: ArgumentHelp(
            "Word vectors that were learnt elsewhere (fastText .vec, GloVe .txt, word2vec text or "
                + "binary, not compressed); the first 20,000 words are kept in the checkpoint.",
            valueName: "file"
        )
    )
    var vectors: String?

    @Option(
        help: ArgumentHelp(
            "Texts without labels, one a line; with fewer than 2,000 rows they are learnt too, if "
                + "the cross-validated loss falls.",
            valueName: "file"
        )
    )
    var unlabelled: String?

    @Flag(
        help: ArgumentHelp(
            "Where the recipe learns from all rows (article): also measure it on rows held out, as "
                + "jobs of the service do, by training further networks that are not kept."
        )
    )
    var measureHeldOut = false

    @Flag(help: "When Ctrl-C stops the run, write the best weights so far.")
    var keepBest = false

    @Flag(help: "Print the result as JSON.")
    var json = false

    func validate() throws {
        if dev != nil && holdout != nil {
            throw ValidationError("Give --dev or --holdout, not both.")
        }
        if vectors != nil && training.recipe == .article {
            throw ValidationError(
                "The article's network reads no word vectors: leave out --vectors or --recipe."
            )
        }
        if let holdout, !(holdout > 0 && holdout < 1) {
            throw ValidationError("--holdout must be above 0 and below 1, such as 0.1.")
        }
        if !NameRule.anyCase.allows(model) {
            throw ValidationError(
                "--model must be 1 to 64 letters, digits, '.', '_' or '-', a letter or digit first."
            )
        }
    }

    func run() throws {
        try reportingFailures {
            let path = out ?? "models/\(model).json"
            try OutputPath.check(path)
            if let report { try OutputPath.check(report) }
            let plan = try plan()
            for note in DataNotes(plan).lines { StandardError.say("note: \(note)") }
            let result = try train(plan)
            let bytes = result.checkpoint.encoded()
            try CheckpointFile.write(bytes, to: path)
            if let report { try writeReport(plan, result, to: report) }
            let printed = TrainReport(plan: plan, result: result, path: path, bytes: bytes)
            if json {
                try StandardOutput.write(json: printed.json)
            } else {
                try StandardOutput.write(page: printed.text)
            }
        }
    }

    private func writeReport(
        _ plan: TrainingPlan,
        _ result: TrainingResult,
        to path: String
    ) throws {
        let data = plan.doctor.report(threads: plan.options.threads)
        let model = try Candidate(data: data, result: result)
        try CheckpointFile.write(model.report(), to: path)
    }

    private func plan() throws -> TrainingPlan {
        let options = try training.options()
        let examples = try DataFiles.read(data, rows)
        let split = try holdout.map {
            try HoldOut(TokenizedRows(examples), fraction: $0, seed: options.seed)
        }
        let development = try dev.map { try DataFiles.read([$0], rows) } ?? []
        let test = try test.map { try DataFiles.read([$0], rows) } ?? []
        var plan = TrainingPlan(
            model: model,
            rows: split?.trainingRows(test: test)
                ?? TrainingRows(training: examples, development: development, test: test),
            options: options
        )
        plan.measuresHeldOut = measureHeldOut
        plan.keepsBest = keepBest
        if let unlabelled { plan.unlabelled = try DataFiles.readLines(unlabelled) }
        if let vectors { plan.vectors = try VectorFiles.read(vectors) }
        return plan
    }

    private func train(_ plan: TrainingPlan) throws -> TrainingResult {
        StopSignal.watch(SIGINT, SIGTERM)
        var display = ProgressDisplay()
        defer { display.end() }
        return try plan.run { progress in
            display.show(progress)
            return StopSignal.current == nil ? .proceed : .stop
        }
    }
}
