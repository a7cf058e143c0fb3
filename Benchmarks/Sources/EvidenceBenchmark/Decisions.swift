import Evaluation
import Examples
import Judgement
import Model
import Training

/// Decisions against the truth: what goes live by the default rule, and what that costs on rows
/// that nobody has learnt.
///
/// One line a run: the scenario, the run, whether the version went live, then the true accuracy of
/// the version before it and of itself (percent) on the same unseen rows, and what the scenario
/// adds.
struct Decisions {
    let pool: [Example]
    /// Rows of the first version; of each label, where `perLabel` is set.
    let count: Int
    let perLabel: Bool
    let threads: Int

    /// A trained version with the rows that it was trained on.
    struct Version {
        let number: Int
        let classifier: TextClassifier
        let answers: [AnsweredExample]
        let rows: [Example]

        var known: KnownVersion {
            KnownVersion(
                version: number,
                classifier: classifier,
                answers: answers,
                examples: rows
            )
        }
    }

    /// The rows of the first version and all others, in an order that the run decides.
    private func split(_ run: Int) -> (rows: [Example], rest: [Example]) {
        let shuffled = pool.shuffled(seed: UInt64(run))
        guard perLabel else {
            return (Array(shuffled.prefix(count)), Array(shuffled.dropFirst(count)))
        }
        var taken: [String: Int] = [:]
        var (rows, rest): ([Example], [Example]) = ([], [])
        for row in shuffled {
            taken[row.label, default: 0] += 1
            if taken[row.label, default: 0] <= count { rows.append(row) } else { rest.append(row) }
        }
        return (rows, rest)
    }

    private func train(
        _ rows: [Example],
        seed: Int,
        number: Int,
        model: String
    ) throws -> Version {
        var options = TrainingOptions()
        (options.seed, options.threads) = (seed, threads)
        let result = try TrainingPlan(model: model, examples: rows, options: options).run()
        return Version(
            number: number,
            classifier: try TextClassifier(result.checkpoint),
            answers: result.answers,
            rows: rows
        )
    }

    private func verdict(
        _ new: Version,
        over live: Version,
        anchor: Version? = nil,
        standing: Standing,
        corrections: [Example] = []
    ) -> Verdict {
        Verdict(
            .ifNotWorse,
            Trial(
                model: "m",
                version: new.number,
                classifier: new.classifier,
                answers: new.answers,
                live: live.known,
                anchor: anchor?.known,
                standing: standing,
                corrections: corrections
            )
        )
    }

    private func accuracy(_ version: Version, _ rows: [Example]) throws -> Double {
        100 * (try Evaluation(of: version.classifier, on: rows).accuracy)
    }

    private func line(
        _ scenario: String,
        _ run: Int,
        _ verdict: Verdict,
        _ before: Double,
        _ after: Double,
        _ more: String = ""
    ) -> String {
        [
            scenario, "\(run)", verdict.isPromoted ? "live" : "candidate", fixed(before, 2),
            fixed(after, 2), "\(verdict.comparison?.paired.rows ?? 0)", more,
            verdict.reason,
        ].joined(separator: "\t")
    }

    /// A third of the labels are shuffled: how often such a version goes live.
    func shuffled(_ run: Int) throws -> String {
        let (rows, rest) = split(run)
        let live = try train(rows, seed: run, number: 1, model: "m\(run)")
        var wrong = rows
        let third = Array(wrong.indices).shuffled(seed: UInt64(run) &+ 77).prefix(rows.count / 3)
        let labels = third.map { rows[$0].label }.shuffled(seed: UInt64(run) &+ 99)
        for (row, label) in zip(third, labels) {
            wrong[row] = Example(label: label, text: rows[row].text)
        }
        let new = try train(wrong, seed: run + 1000, number: 2, model: "m\(run)")
        let verdict = verdict(new, over: live, standing: Standing(anchor: 1))
        return line("shuffled", run, verdict, try accuracy(live, rest), try accuracy(new, rest))
    }

    /// Thirty corrections are taught: how often they go live.
    ///
    /// They are rows that the live version
    /// gets wrong, with their labels, or, unless they are right, rows that it gets right, with
    /// other labels.
    func corrected(_ run: Int, areRight: Bool) throws -> String {
        let (rows, rest) = split(run)
        let live = try train(rows, seed: run, number: 1, model: "m\(run)")
        let labels = Set(rows.map(\.label)).sorted()
        let chosen = rest.indices.filter { index in
            let answer = live.classifier.classify(rest[index].text).prediction.labelIndex
            return (live.classifier.labels[answer] == rest[index].label) != areRight
        }.prefix(30)
        let corrections = zip(chosen, labels.shuffled(seed: UInt64(run))).map { index, label in
            areRight ? rest[index] : Example(label: label, text: rest[index].text)
        }
        let taken = Set(chosen)
        let unseen = rest.indices.filter { !taken.contains($0) }.map { rest[$0] }
        let new = try train(rows + corrections, seed: run, number: 2, model: "m\(run)")
        let verdict = verdict(
            new,
            over: live,
            standing: Standing(anchor: 1),
            corrections: corrections
        )
        return line(
            areRight ? "corrected" : "mistaught",
            run,
            verdict,
            try accuracy(live, unseen),
            try accuracy(new, unseen)
        )
    }

    /// Twenty rows of a label that the live version does not know are taught.
    func newLabel(_ run: Int) throws -> String {
        let labels = Set(pool.map(\.label)).sorted()
        let label = labels[run * 7 % labels.count]
        let all = split(run)
        let rows = all.rows.filter { $0.label != label }
        let live = try train(rows, seed: run, number: 1, model: "m\(run)")
        let own = (all.rows + all.rest).filter { $0.label == label }
        let new = try train(rows + own.prefix(20), seed: run, number: 2, model: "m\(run)")
        let verdict = verdict(new, over: live, standing: Standing(anchor: 1))
        let old = all.rest.filter { $0.label != label }
        let found = try accuracy(new, Array(own.dropFirst(20)))
        return line(
            "new label",
            run,
            verdict,
            try accuracy(live, old),
            try accuracy(new, old),
            "recall \(fixed(found, 1))"
        )
    }

    /// The same rows with another seed, again and again: where the live version ends.
    func seeds(_ run: Int, looks: Int) throws -> [String] {
        let (rows, rest) = split(run)
        var live = try train(rows, seed: 1, number: 1, model: "m\(run)")
        var anchor = live
        var standing = Standing(anchor: 1)
        let first = try accuracy(live, rest)
        var promotions = 0
        for look in 1...looks {
            let new = try train(rows, seed: 1 + look, number: 1 + look, model: "m\(run)")
            let verdict = verdict(
                new,
                over: live,
                anchor: anchor.number == live.number ? nil : anchor,
                standing: standing
            )
            standing = verdict.standing
            if verdict.isPromoted {
                promotions += 1
                live = new
                if standing.anchor == new.number { anchor = new }
            }
        }
        let last = try accuracy(live, rest)
        return [
            "seeds\t\(run)\t\(promotions) of \(looks) live\t\(fixed(first, 2))\t\(fixed(last, 2))"
        ]
    }
}
