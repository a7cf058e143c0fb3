import Evaluation
import Examples
import Model
import Training

/// Reported figures against the truth: trains on some rows, and asks the model all others.
///
/// One line a run: rows, seed, kind of evidence, then reported and true accuracy (percent),
/// reported and true loss (nats), the threshold for 95 %, the share of answers above it that is
/// right, and how many these are.
struct Figures {
    let pool: [Example]
    let count: Int
    let threads: Int

    func run(seed: Int) throws -> String {
        let shuffled = pool.shuffled(seed: UInt64(seed))
        let known = Set(shuffled.prefix(count).map(\.label))
        // A label that no row teaches cannot be scored.
        let unseen = shuffled.dropFirst(count).filter { known.contains($0.label) }
        var options = TrainingOptions(recipe: .auto)
        (options.seed, options.threads) = (seed, threads)
        let plan = TrainingPlan(
            // Each model has evidence rows of its own.
            model: "evidence-\(seed)",
            examples: Array(shuffled.prefix(count)),
            options: options
        )
        let result = try plan.run()
        let truth = try Evaluation(of: TextClassifier(result.checkpoint), on: unseen)
        guard let reported = result.heldOut else { return "\(count)\t\(seed)\tnone" }
        let line = result.checkpoint.training.coverage.first { $0.accuracy == 0.95 }
        let threshold = Float(line?.threshold ?? 2)
        let accepted = truth.confidence.scores.indices.filter {
            truth.confidence.scores[$0] >= threshold
        }
        let right = accepted.count { truth.confidence.isRight[$0] }
        let fields = [
            "\(count)", "\(seed)", "\(reported.rows)",
            fixed(100 * reported.accuracy, 3), fixed(100 * truth.accuracy, 3),
            fixed(reported.loss, 5), fixed(truth.loss, 5),
            line.map { fixed($0.threshold, 4) } ?? "never",
            accepted.isEmpty ? "-" : fixed(100 * Double(right) / Double(accepted.count), 2),
            "\(accepted.count)",
        ]
        return fields.joined(separator: "\t")
    }

    /// Whether it pays to learn the held-out rows too, once they have chosen.
    ///
    /// One line a run: rows, seed, and the true accuracy (percent) without and with them.
    func refit(seed: Int) throws -> String {
        let shuffled = pool.shuffled(seed: UInt64(seed))
        let known = Set(shuffled.prefix(count * 9 / 10).map(\.label))
        let unseen = shuffled.dropFirst(count).filter { known.contains($0.label) }
        var options = TrainingOptions()
        (options.seed, options.threads) = (seed, threads)
        let accuracies = try [true, false].map { keepsApart in
            var plan = TrainingPlan(
                model: "evidence-\(seed)",
                examples: Array(shuffled.prefix(count)),
                options: options
            )
            // Who asked for a warm start keeps rows apart for the next one.
            plan.warmStart = keepsApart ? .impossible(reason: "none is live") : .notAsked
            let classifier = try TextClassifier(plan.run().checkpoint)
            return 100 * (try Evaluation(of: classifier, on: unseen).accuracy)
        }
        return "\(count)\t\(seed)\t" + accuracies.map { fixed($0, 3) }.joined(separator: "\t")
    }
}
