internal import Evaluation
internal import Examples
internal import JSON
internal import Model
internal import Report
internal import Training

/// What a training run did, for people or programs.
struct TrainReport {
    let plan: TrainingPlan
    let result: TrainingResult
    /// Where the checkpoint was written.
    let path: String
    /// The checkpoint's file.
    let bytes: [UInt8]

    private var record: TrainingRecord { result.checkpoint.training }
    private var options: TrainingOptions { record.options }

    private var isArticle: Bool {
        if case .article = result.checkpoint.architecture.network { true } else { false }
    }

    /// The epochs that the weights of the article's network have seen.
    private var kept: Int { record.epochs?.paths.first?.kept ?? options.epochs }

    private var parts: [(name: String, key: String, evaluation: Evaluation)] {
        var parts = [("training rows", "train", result.train)]
        if let development = result.development {
            parts.append(("development rows", "dev", development))
        }
        if let validation = result.validation {
            parts.append(("rows that were kept apart", "held_out", validation))
        }
        if let test = result.test { parts.append(("test rows", "test", test)) }
        return parts
    }

    var text: String {
        var text = ""
        if !result.isComplete {
            text += "Stopped; kept the best weights"
            // A mixed network's learning rate depends on the epochs that were planned.
            text +=
                isArticle
                ? ", after epoch \(kept) (the same weights as a run with --epochs \(kept)).\n\n"
                : " so far.\n\n"
        }
        // The rows that were learnt need no table unless nothing else was scored.
        for (name, key, evaluation) in parts {
            let report = EvaluationReport(evaluation)
            if parts.count > 1 && key == "train" {
                text += "\(name): \(report.summary)\n"
            } else {
                text += "\(name):\n\(report)"
            }
            text += "\n"
        }
        for baseline in result.checkpoint.training.baselines {
            let accuracy = percent(baseline.accuracy, digits: 2)
            text += "baseline \(baseline.name): accuracy \(accuracy)\n"
        }
        if !result.checkpoint.training.baselines.isEmpty { text += "\n" }
        text += "\(plan.model): \(result.checkpoint.labels.count) labels, "
        text += "\(result.checkpoint.vocabulary.count - 1) words, hidden size \(options.hidden), "
        text += "seed \(options.seed)\n"
        if let epochs = record.epochs { text += "epochs: \(epochs)\n" }
        if let vectors = record.vectors { text += "word vectors: \(vectors)\n" }
        if let start = result.languageModel { text += "\(start)\n" }
        if let unlabelled = result.unlabelled { text += "\(unlabelled)\n" }
        text += outOfScope
        text += "wrote \(path) (\(bytes.count) bytes)\n"
        return text
    }

    /// What texts of none of the labels say.
    private var outOfScope: String {
        if let found = record.outOfScope { return "none of these: \(found)\n" }
        let count = plan.rows.outOfScope.count
        guard count > 0 else { return "" }
        return "none of these: \(count) texts, and no rows that were not learnt to compare them "
            + "with; give --dev, --holdout or --measure-held-out\n"
    }

    var json: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("model", string: plan.model)
        writer.member("out", string: path)
        writer.member("complete", bool: result.isComplete)
        record.encodeOptions(to: &writer)
        if let vectors = record.vectors {
            writer.key("vectors")
            vectors.encode(to: &writer)
        }
        if let start = result.languageModel {
            writer.key("language_model")
            start.encode(to: &writer)
        }
        if let unlabelled = result.unlabelled {
            writer.key("unlabelled")
            unlabelled.encode(to: &writer)
        }
        if let outOfScope = record.outOfScope {
            writer.key("out_of_scope")
            outOfScope.encode(to: &writer)
        }
        for (_, key, evaluation) in parts {
            writer.key(key)
            writer.beginObject()
            evaluation.encodeMembers(to: &writer)
            writer.endObject()
        }
        writer.endObject()
        return writer.finish()
    }
}
