internal import ArgumentParser
internal import Digest
internal import Evaluation
internal import JSON
internal import Model
internal import Report

/// `trainer inspect`: what a checkpoint holds and how it came to be.
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Shows what a checkpoint holds, how it was trained and what it scored.",
        discussion: "Checks the whole file first, as the service does before it serves it."
    )

    @Argument(help: ArgumentHelp("The checkpoint.", valueName: "file"))
    var file: String

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        try reportingFailures {
            let bytes = try CheckpointFile.read(file)
            let summary = CheckpointSummary(
                checkpoint: try Checkpoint(parsing: bytes, source: file),
                bytes: bytes.count,
                digest: SHA256.hexadecimal(of: bytes)
            )
            if json {
                try StandardOutput.write(json: summary.json)
            } else {
                try StandardOutput.write(page: summary.text)
            }
        }
    }
}

/// A checkpoint in a few lines.
struct CheckpointSummary {
    let checkpoint: Checkpoint
    /// The size of the file.
    let bytes: Int
    /// The SHA-256 of the whole file, by which the service knows it.
    let digest: String

    private var record: TrainingRecord { checkpoint.training }
    private var parameters: Int { checkpoint.tensors.values.reduce(0) { $0 + $1.count } }

    /// How much of a text is read.
    private var reads: String {
        let limit = checkpoint.tokenizer.maximumTokens
        switch checkpoint.tokenizer.kind {
        case .unicodeWords1: return "the first \(limit) tokens of a text"
        case .unicodeWords2:
            let ends = "the first \((limit + 1) / 2) and the last \(limit / 2) tokens of a text"
            guard case .mixed(let shape) = checkpoint.architecture.network, shape.featureCount > 0
            else { return ends }
            return shape.recurrent == nil
                ? "all tokens of a text" : "all tokens of a text, its recurrent path \(ends)"
        }
    }

    var text: String {
        let options = record.options
        var lines = [
            ("model", checkpoint.model),
            ("network", "\(checkpoint.architecture); \(parameters) parameters"),
            ("labels", list(checkpoint.labels)),
            ("thresholds", thresholds),
            ("words", list(Array(checkpoint.vocabulary.words.dropFirst()))),
            ("reads", reads),
            (
                "trained",
                "\(options.recipe.rawValue) recipe, \(record.rows) rows, \(options.epochs) epochs, "
                    + "learning rate \(options.learningRate), seed \(options.seed), "
                    + "Elman \(record.toolVersion)"
            ),
            ("given", given),
            ("epochs", record.epochs?.description ?? "at most \(options.epochs)"),
            ("chosen", indented(record.choice?.split(separator: ";") ?? [noChoice])),
            ("data", "sha256 \(record.dataDigest)"),
            ("vectors", record.vectors?.description ?? "none"),
            ("on training", record.train.map(scores) ?? "not measured"),
        ]
        if let heldOut = record.heldOut {
            lines.append(("on held-out", scores(heldOut)))
            lines.append(("confidence", indented(CoverageTable(record.coverage).lines)))
        } else {
            lines.append(("on held-out", "not measured"))
        }
        for baseline in record.baselines {
            let accuracy = percent(baseline.accuracy, digits: 2)
            let macroF1 = decimal(baseline.macroF1, digits: 3)
            lines.append(
                ("baseline", "\(baseline.name): accuracy \(accuracy), macro-F1 \(macroF1)")
            )
        }
        lines.append(("file", "\(bytes) bytes, sha256 \(digest)"))
        return lines.filter { !$1.isEmpty }.map { name, value in
            name + String(repeating: " ", count: 13 - name.count) + value + "\n"
        }.joined()
    }

    var json: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("model", string: checkpoint.model)
        writer.key("architecture")
        checkpoint.architecture.encode(to: &writer)
        writer.member("parameters", int: parameters)
        writer.member("labels", array: checkpoint.labels) { $1.string($0) }
        writer.member("vocabulary_size", int: checkpoint.vocabulary.count)
        writer.member("maximum_tokens", int: checkpoint.tokenizer.maximumTokens)
        writer.key("calibration")
        writer.beginObject()
        writer.member("recurrent", double: checkpoint.calibration.recurrent)
        writer.member("linear", double: checkpoint.calibration.linear)
        if checkpoint.architecture.output == .multi {
            writer.member("bias", array: checkpoint.calibration.bias) { $1.double($0) }
            writer.member("thresholds", array: checkpoint.calibration.thresholds) {
                $1.double($0)
            }
        }
        writer.endObject()
        writer.key("training")
        record.encode(to: &writer)
        if let vectors = record.vectors {
            writer.key("vectors")
            vectors.encode(to: &writer)
        }
        writer.member("bytes", int: bytes)
        writer.member("sha256", string: digest)
        writer.endObject()
        return writer.finish()
    }

    private func scores(_ scores: TrainingRecord.Scores) -> String {
        (scores.microF1.map { "micro-F1 \(decimal($0, digits: 3)), " } ?? "")
            + "accuracy \(percent(scores.accuracy, digits: 2)) of \(scores.rows) rows, "
            + "macro-F1 \(decimal(scores.macroF1, digits: 3)), "
            + "loss \(decimal(scores.loss, digits: 4))"
    }

    /// From which probability on a text gets a label; empty where it gets one.
    private var thresholds: String {
        let all = checkpoint.calibration.thresholds
        guard let least = all.min(), let most = all.max() else { return "" }
        if least == most { return "\(decimal(least, digits: 4)) for every label" }
        return list(zip(checkpoint.labels, all).map { "\($0) \(decimal($1, digits: 4))" })
    }

    /// The options that were given, by name.
    private var given: String {
        guard record.epochs != nil else { return "not recorded" }
        let names = TrainingOptions.Name.allCases.filter(record.options.given.contains)
        return names.isEmpty ? "no option" : names.map(\.rawValue).joined(separator: ", ")
    }

    private var noChoice: Substring { "the recipe leaves no choice" }

    /// Lines below each other, behind a name.
    private func indented(_ lines: [some StringProtocol]) -> String {
        lines.map { $0.hasPrefix(" ") && lines.count == 2 ? String($0.dropFirst()) : String($0) }
            .joined(separator: "\n" + String(repeating: " ", count: 13))
    }

    /// The number of entries and the first of them.
    private func list(_ entries: [String]) -> String {
        let shown = entries.prefix(20).joined(separator: ", ")
        return "\(entries.count): \(shown)\(entries.count > 20 ? ", …" : "")"
    }
}
