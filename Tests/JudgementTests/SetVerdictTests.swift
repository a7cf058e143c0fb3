import Evaluation
import Examples
import Model
import TestClassifiers
import Testing

@testable import Judgement

/// Versions of models that give a text several labels, before the judge.
@Suite struct SetVerdictTests {
    private static let labels = ["bill", "bug", "slow"]

    /// The labels of a row, which all versions are asked.
    private static func truth(_ row: Int) -> [String] {
        labels.enumerated().filter { (row / ($0.offset + 1)) % 3 == 0 }.map(\.element)
    }

    private let rows = (0..<300).map {
        Example(labels: LabelSet(truth($0)), text: "text number \($0) of many")
    }

    /// Answers that are wrong in every `step`-th row, from `start` on: the last label is missing,
    /// or where there is none one is too much.
    private func answers(wrongEvery step: Int, from start: Int = 0) -> [AnsweredExample] {
        rows.enumerated().map { row, example in
            var given = Self.truth(row)
            if row % step == start {
                if given.isEmpty { given = ["bug"] } else { given.removeLast() }
            }
            return AnsweredExample(
                text: example.text,
                truth: example.label,
                label: LabelSet(given).stored,
                score: 0.9,
                truthScore: 0.5
            )
        }
    }

    private func verdict(
        _ rule: Verdict.Rule = .ifNotWorse,
        new: [AnsweredExample],
        live: [AnsweredExample],
        standing: Standing = Standing(anchor: 1)
    ) throws -> Verdict {
        let classifier = try TagClassifier.make(Self.labels, words: ["word": "bill"])
        return Verdict(
            rule,
            Trial(
                model: "tags",
                version: 2,
                classifier: classifier,
                answers: new,
                live: KnownVersion(
                    version: 1,
                    classifier: classifier,
                    answers: live,
                    examples: rows
                ),
                standing: standing
            )
        )
    }

    @Test("an equal version goes live, one that loses labels does not")
    func notWorse() throws {
        let equal = try verdict(
            new: answers(wrongEvery: 10),
            live: answers(wrongEvery: 10, from: 5)
        )
        #expect(equal.isPromoted, "\(equal.reason)")
        #expect(equal.comparison?.sets?.rows == 300)
        let worse = try verdict(new: answers(wrongEvery: 4), live: answers(wrongEvery: 10))
        #expect(!worse.isPromoted && worse.reason.contains("worse than version 1"))
        #expect(worse.reason.contains("micro-F1 0."), "\(worse.reason)")
        #expect(worse.reason.contains("Hamming loss 0."), "\(worse.reason)")
        #expect(worse.standing.refusals == 1)
        let sets = try #require(worse.comparison?.sets)
        #expect(sets.f1.candidate < sets.f1.incumbent && sets.pWorse < 0.01)
        #expect(sets.hammingLoss.candidate > sets.hammingLoss.incumbent)
    }

    @Test("better is better beyond doubt, and the doubt grows with each look")
    func better() throws {
        let (new, live) = (answers(wrongEvery: 30), answers(wrongEvery: 4))
        #expect(try verdict(.ifBetter, new: new, live: live).isPromoted)
        #expect(try !verdict(.ifBetter, new: live, live: live).isPromoted)
        let tired = Standing(anchor: 1, looks: 40)
        #expect(try !verdict(.ifBetter, new: new, live: live, standing: tired).isPromoted)
    }

    @Test("equal answers differ by nothing, and the figures are the same each time")
    func figures() throws {
        let same = answers(wrongEvery: 7)
        let sets = try #require(try verdict(new: same, live: same).comparison?.sets)
        #expect(sets.differing == 0 && sets.pBetter == 1 && sets.pWorse == 1)
        #expect(sets.errors.candidate == sets.errors.incumbent && sets.f1Deviation == 0)
        let other = answers(wrongEvery: 9)
        let first = try verdict(new: same, live: other).comparison
        #expect(try verdict(new: same, live: other).comparison == first)
    }

    @Test("a label that nobody finds any more collapses, whatever the others gain")
    func collapse() throws {
        let new = answers(wrongEvery: 30).map { answer in
            var answer = answer
            let given = LabelSet.of(answer.label).labels.filter { $0 != "slow" }
            answer.label = LabelSet(given).stored
            return answer
        }
        let verdict = try verdict(new: new, live: answers(wrongEvery: 6))
        #expect(!verdict.isPromoted && verdict.reason.contains("slow"), "\(verdict.reason)")
    }

    @Test("answers that were kept as one label count as sets of one")
    func kept() throws {
        let live = answers(wrongEvery: 10).map { answer in
            var answer = answer
            let labels = LabelSet.of(answer.label).labels
            if labels.count == 1 { answer.label = labels[0] }
            return answer
        }
        let same = answers(wrongEvery: 10)
        let sets = try #require(try verdict(new: same, live: live).comparison?.sets)
        #expect(sets.differing == 0)
    }
}
