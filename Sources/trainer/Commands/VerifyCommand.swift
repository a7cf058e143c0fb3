internal import ArgumentParser
internal import Digest
internal import Evaluation
internal import Examples
internal import Glibc
internal import JSON
internal import Model
internal import Optimization
internal import Training

/// `trainer verify`: whether a checkpoint is what its record says.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Trains a checkpoint again from its rows and compares, byte for byte.",
        discussion: """
            Takes the options from the checkpoint's record. The rows must be those that it was \
            trained on, in their order; their digest is checked first. Give --dev, --test and \
            --holdout as they were given to trainer train; versions of the service need none of \
            them. A checkpoint that was shrunk, stopped early, begun with other weights or trained \
            by another version or on another kind of processor may differ: what differs is named.

            The status is 0 if every byte is the same, else 1.
            """
    )

    @Argument(help: ArgumentHelp("The checkpoint.", valueName: "file"))
    var file: String

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "The rows that it was trained on; - is standard input.",
            valueName: "file"
        )
    )
    var data: [String]

    @Option(help: ArgumentHelp("Rows that chose the best epoch.", valueName: "file"))
    var dev: String?

    @Option(help: ArgumentHelp("Rows that measured the result.", valueName: "file"))
    var test: String?

    @Option(help: ArgumentHelp("The share of the rows that was held out.", valueName: "fraction"))
    var holdout: Double?

    @OptionGroup var rows: RowArguments

    @Option(help: ArgumentHelp("Threads; they never change the result.", valueName: "n"))
    var threads: Int = TrainingOptions().threads

    @Flag(help: "Print JSON: same, sha256, retrained_sha256 and differences.")
    var json = false

    func validate() throws {
        guard TrainingOptions.allowedThreads.contains(threads) else {
            throw ValidationError("--threads must be from 1 to 64.")
        }
        if let holdout, dev != nil || !(holdout > 0 && holdout < 1) {
            throw ValidationError("--holdout must be above 0 and below 1, and not beside --dev.")
        }
    }

    func run() throws {
        try reportingFailures {
            let bytes = try CheckpointFile.read(file)
            let original = try Checkpoint(parsing: bytes, source: file)
            let plan = try plan(original)
            let retrained = comparable(try train(plan).checkpoint, with: original)
            let again = retrained.encoded()
            let digests = (SHA256.hexadecimal(of: bytes), SHA256.hexadecimal(of: again))
            let differences = bytes == again ? [] : differences(original, retrained)
            if json {
                try StandardOutput.write(json: encoded(digests, differences))
            } else {
                try StandardOutput.write(page: text(digests, differences))
            }
            if bytes != again {
                throw Failure(.noModel, "\(file) is not what these rows and its options make")
            }
        }
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

    private func plan(_ checkpoint: Checkpoint) throws -> TrainingPlan {
        let record = checkpoint.training
        let examples = try DataFiles.read(data, rows)
        let split = try holdout.map {
            try HoldOut(TokenizedRows(examples), fraction: $0, seed: record.options.seed)
        }
        let labelled = ExampleSet.parted(examples).labelled
        let digest = ExampleSet.digest(of: split?.training ?? labelled)
        guard digest == record.dataDigest else {
            throw Failure(
                .badData,
                "these are not the rows that \(file) was trained on: their digest is \(digest), "
                    + "and it records \(record.dataDigest)"
            )
        }
        let development = try dev.map { try DataFiles.read([$0], rows) } ?? []
        let test = try test.map { try DataFiles.read([$0], rows) } ?? []
        var plan = TrainingPlan(
            model: checkpoint.model,
            rows: split?.trainingRows(test: test)
                ?? TrainingRows(training: examples, development: development, test: test),
            options: record.options
        )
        plan.options.threads = threads
        if let kept = keptEpochs(checkpoint) { plan.options.epochs = kept }
        // A recipe that learns from all rows has such figures only if it was measured apart.
        plan.measuresHeldOut = record.heldOut != nil
        return plan
    }

    /// Where a run of the article's network was stopped; one that asks for so many epochs has the
    /// same weights.
    private func keptEpochs(_ checkpoint: Checkpoint) -> Int? {
        let record = checkpoint.training
        guard case .article = checkpoint.architecture.network, let ran = record.epochs?.paths.first
        else { return nil }
        return ran.kept == record.options.epochs ? nil : ran.kept
    }

    /// A checkpoint that was trained again, without what the original's record cannot tell.
    private func comparable(_ retrained: Checkpoint, with original: Checkpoint) -> Checkpoint {
        var comparable = retrained
        if original.training.epochs == nil || keptEpochs(original) != nil {
            comparable.training.options = original.training.options
            comparable.training.epochs?.asked = original.training.epochs?.asked
        }
        if original.training.epochs == nil { comparable.training.epochs = nil }
        return comparable
    }

    /// What of two checkpoints is not the same.
    private func differences(_ original: Checkpoint, _ again: Checkpoint) -> [String] {
        var names: [String] = []
        func compare(_ name: String, _ isSame: Bool) { if !isSame { names.append(name) } }
        compare("architecture", original.architecture == again.architecture)
        compare("labels", original.labels == again.labels)
        compare("tokenizer", original.tokenizer == again.tokenizer)
        compare("vocabulary", original.vocabulary == again.vocabulary)
        compare("features", original.features == again.features)
        compare("calibration", original.calibration == again.calibration)
        for name in Set(original.tensors.keys).union(again.tensors.keys).sorted() {
            compare("tensors/\(name)", original.tensors[name] == again.tensors[name])
        }
        let (record, other) = (original.training, again.training)
        compare("training/options", record.options == other.options)
        compare("training/epochs", record.epochs == other.epochs)
        compare("training/choice", record.choice == other.choice)
        compare("training/metrics", record.train == other.train && record.heldOut == other.heldOut)
        compare(
            "training/metrics/out_of_scope",
            record.outOfScope == other.outOfScope
        )
        compare("training/baselines", record.baselines == other.baselines)
        compare("training/tool_version", record.toolVersion == other.toolVersion)
        return names.isEmpty ? ["the way in which it is written"] : names
    }

    private func text(_ digests: (String, String), _ differences: [String]) -> String {
        differences.isEmpty
            ? "the same, byte for byte: sha256 \(digests.0)\n"
            : "sha256 \(digests.0) of the file\nsha256 \(digests.1) trained again\n"
                + "different: \(differences.joined(separator: ", "))\n"
    }

    private func encoded(_ digests: (String, String), _ differences: [String]) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("same", bool: differences.isEmpty)
        writer.member("sha256", string: digests.0)
        writer.member("retrained_sha256", string: digests.1)
        writer.member("differences", array: differences) { $1.string($0) }
        writer.endObject()
        return writer.finish()
    }
}
