import Evaluation
import Examples
import Model
import TestClassifiers
import Testing

@testable import Judgement

@Suite struct VerdictTests {
    /// Rows of the labels in turn, and a number of right answers to them.
    private struct Side {
        var rows: [Example]
        var answers: [AnsweredExample]

        /// Makes rows; `isRight` says whether one gets its label.
        init(_ count: Int, labels: [String] = ["a", "b"], isRight: (Int) -> Bool = { _ in true }) {
            rows = (0..<count).map {
                Example(label: labels[$0 % labels.count], text: "text \($0)")
            }
            answers = rows.enumerated().map { index, row in
                let wrong = row.label == labels[0] ? labels[1] : labels[0]
                let label = isRight(index) ? row.label : wrong
                return AnsweredExample(
                    text: row.text,
                    truth: row.label,
                    label: label,
                    score: 0.9,
                    truthScore: isRight(index) ? 0.9 : 0.1
                )
            }
        }
    }

    private func known(
        _ side: Side,
        version: Int = 3,
        words: KeyValuePairs<String, String> = ["x": "a"]
    ) throws -> KnownVersion {
        KnownVersion(
            version: version,
            classifier: try KeywordClassifier.make(["a", "b"], words: words),
            answers: side.answers,
            examples: side.rows
        )
    }

    private func trial(
        _ new: Side,
        live: KnownVersion?,
        anchor: KnownVersion? = nil,
        standing: Standing = Standing(anchor: 3),
        corrections: [Example] = [],
        golden: [Example] = [],
        labels: [String] = ["a", "b"]
    ) throws -> Trial {
        Trial(
            model: "desk",
            version: 4,
            classifier: try KeywordClassifier.make(labels, words: ["x": "a", "y": "b"]),
            answers: new.answers,
            live: live,
            anchor: anchor,
            standing: standing,
            corrections: corrections,
            golden: golden
        )
    }

    @Test("the first version goes live and is the anchor")
    func first() throws {
        let verdict = Verdict(
            .ifNotWorse,
            try trial(Side(100), live: nil, standing: Standing(anchor: nil))
        )
        #expect(verdict.isPromoted && verdict.comparison == nil)
        #expect(verdict.standing == Standing(anchor: 4))
        #expect(verdict.reason == "no version is live that it could be compared with")
    }

    @Test(
        "not worse: the loss may be 1 row, half a percent of the rows, or a standard deviation",
        // 100 rows: lost, won, refusals; √(lost + won)/(1 + refusals) is allowed, 1 at least.
        arguments: [
            (0, 0, 0, true), (1, 0, 0, true), (2, 0, 0, false), (6, 3, 0, true), (7, 3, 0, false),
            (6, 3, 1, false), (2, 1, 5, true), (3, 1, 1, false), (3, 0, 0, false), (0, 5, 9, true),
        ]
    )
    func notWorse(lost: Int, won: Int, refusals: Int, expected: Bool) throws {
        // Each label loses and wins half, so that none collapses.
        let live = Side(400) { $0 >= won }
        let new = Side(400) { $0 < won || $0 >= won + lost }
        var few = (live, new)
        few.0.rows = Array(live.rows.prefix(100))
        few.0.answers = Array(live.answers.prefix(100))
        few.1.answers = Array(new.answers.prefix(100))
        let verdict = Verdict(
            .ifNotWorse,
            try trial(
                few.1,
                live: known(few.0),
                standing: Standing(anchor: 3, refusals: refusals)
            )
        )
        #expect(verdict.comparison?.paired.incumbentOnly == lost)
        #expect(verdict.comparison?.paired.candidateOnly == won)
        #expect(verdict.isPromoted == expected, "\(verdict.reason)")
        #expect(verdict.standing.refusals == (expected ? 0 : refusals + 1))
    }

    @Test("half a percent of many rows is always forgiven")
    func share() throws {
        let live = Side(2000)
        let new = Side(2000) { $0 >= 10 }
        #expect(Verdict(.ifNotWorse, try trial(new, live: known(live))).isPromoted)
        let worse = Side(2000) { $0 >= 11 }
        #expect(!Verdict(.ifNotWorse, try trial(worse, live: known(live))).isPromoted)
    }

    @Test("rows that only one data set holds, or with another label, do not vote")
    func shared() throws {
        var live = Side(300)
        // The new version has wrong labels for 40 rows, and 60 rows more that it has right.
        live.rows = live.rows.enumerated().map { index, row in
            index < 40 ? Example(label: row.label == "a" ? "b" : "a", text: row.text) : row
        }
        live.rows.removeLast(60)
        live.answers.removeLast(60)
        let comparison = try #require(
            Verdict(.ifNotWorse, try trial(Side(300), live: known(live))).comparison
        )
        #expect(comparison.paired.rows == 200 && comparison.sharedRows == 200)
        #expect(comparison.relabelled == 40)
        #expect(comparison.newRows.rows == 60)
    }

    @Test("with fewer than 30 shared rows, rows that are new to the live version count too")
    func few() throws {
        var live = Side(100)
        live.rows = Array(live.rows.prefix(29))
        live.answers = Array(live.answers.prefix(29))
        let verdict = Verdict(.ifNotWorse, try trial(Side(100), live: known(live)))
        let comparison = try #require(verdict.comparison)
        #expect(comparison.sharedRows == 29 && comparison.paired.rows == 100)
        #expect(verdict.reason.contains("most of them new to it"))
        // The same 29 rows on both sides: few, but none is new.
        let same = Verdict(.ifNotWorse, try trial(Side(29), live: known(live)))
        #expect(same.comparison?.paired.rows == 29)
        #expect(!same.reason.contains("new to it"), "\(same.reason)")
    }

    @Test("rows that the live version has learnt, without a fair answer, are left out and counted")
    func leftOut() throws {
        var live = Side(100)
        live.answers = Array(live.answers.prefix(50))
        let comparison = try #require(
            Verdict(.ifNotWorse, try trial(Side(100), live: known(live))).comparison
        )
        #expect(comparison.leftOut == 50 && comparison.paired.rows == 50)
    }

    @Test("corrections are told apart and never vote")
    func corrections() throws {
        var live = Side(100)
        live.rows.removeLast(20)
        live.answers.removeLast(20)
        let new = Side(100)
        let verdict = Verdict(
            .ifNotWorse,
            try trial(new, live: known(live), corrections: Array(new.rows.suffix(20)))
        )
        #expect(verdict.comparison?.paired.rows == 80)
        #expect(verdict.comparison?.newRows.rows == 0)
        let corrections = try #require(verdict.corrections)
        #expect(corrections.rows == 20 && corrections.answered == 20 && corrections.right == 20)
        #expect(verdict.reason.contains("corrections: "))
        #expect(verdict.reason.contains("out of fold 20 of 20 (an equal version: 6 to 25 %)"))
    }

    @Test("a label that collapses blocks and is named, though others win more")
    func collapse() throws {
        let labels = ["a", "b", "c"]
        let live = Side(300, labels: labels) { $0 % 3 == 2 || $0 % 2 == 0 }
        let new = Side(300, labels: labels) { $0 % 3 != 2 || $0 % 2 == 0 }
        let verdict = Verdict(.ifNotWorse, try trial(new, live: known(live)))
        #expect(!verdict.isPromoted)
        #expect(verdict.reason.hasPrefix("collapses for \"c\""), "\(verdict.reason)")
        #expect(verdict.reason.contains("labels that lose: \"c\" 50 of 100"))
    }

    @Test("a new label counts in words, and its rows do not vote")
    func newLabel() throws {
        let labels = ["a", "b", "new"]
        let live = Side(200)
        var new = Side(300, labels: labels)
        new.answers += live.answers
        let verdict = Verdict(
            .ifNotWorse,
            try trial(new, live: known(live), labels: ["a", "b", "new"])
        )
        let label = try #require(verdict.newLabels.first)
        #expect(verdict.newLabels.count == 1)
        #expect(label.label == "new" && label.rows == 100 && label.right == 100)
        #expect(verdict.reason.contains("new label \"new\": 100 of 100 right out of fold"))
        #expect(verdict.comparison?.labels.map(\.label) == ["a", "b"])
    }

    @Test(
        "each row of what was taught that is right allows one more lost row, up to twice as many",
        // 80 rows, 16 of which differ: 4 more lost than won are allowed, 8 at most.
        arguments: [
            (10, 0, true), (11, 0, false), (11, 1, false), (11, 2, true), (12, 3, false),
            (12, 4, true), (12, 20, true), (13, 20, false),
        ]
    )
    func taught(lost: Int, taught: Int, expected: Bool) throws {
        let live = Side(80) { $0 < lost || $0 >= 16 }
        let new = Side(80 + taught) { $0 >= lost }
        let verdict = Verdict(
            .ifNotWorse,
            try trial(new, live: known(live), corrections: Array(new.rows.suffix(taught)))
        )
        #expect(verdict.corrections?.right ?? 0 == taught)
        #expect(verdict.isPromoted == expected, "\(verdict.reason)")
        #expect(verdict.reason.contains("of them for what was taught") == (taught > 0))
    }

    @Test("a correction with a new label allows one row, not two")
    func taughtOnce() throws {
        // 80 rows, of which 11 are lost and 5 won, and one of a new label.
        let live = Side(80) { $0 < 11 || $0 >= 16 }
        var new = Side(80) { $0 >= 11 }
        let correction = Side(1, labels: ["new", "a"])
        new.rows += correction.rows.map { Example(label: $0.label, text: "snow") }
        new.answers += correction.answers.map {
            AnsweredExample(
                text: "snow",
                truth: $0.truth,
                label: $0.label,
                score: $0.score,
                truthScore: $0.truthScore
            )
        }
        let verdict = Verdict(
            .ifNotWorse,
            try trial(
                new,
                live: known(live),
                corrections: Array(new.rows.suffix(1)),
                labels: ["a", "b", "new"]
            )
        )
        #expect(verdict.corrections?.right == 1 && verdict.newLabels.first?.right == 1)
        #expect(verdict.allowance?.earned == 1 && !verdict.isPromoted, "\(verdict.reason)")
    }

    @Test("wrong corrections, which no network finds by itself, allow nothing")
    func wronglyTaught() throws {
        let live = Side(80) { $0 < 11 || $0 >= 16 }
        let new = Side(110) { $0 >= 11 && $0 < 80 }
        let verdict = Verdict(
            .ifNotWorse,
            try trial(new, live: known(live), corrections: Array(new.rows.suffix(30)))
        )
        #expect(verdict.corrections?.right == 0)
        #expect(!verdict.isPromoted && verdict.allowance?.earned == 0)
    }

    @Test(
        "a label of ten rows that loses four collapses, unless so many labels lose four by luck",
        // Rows of the label, its loss, labels, rows that differ of 100.
        arguments: [
            (10, 4, 2, 5, true), (10, 3, 2, 5, false), (10, 4, 77, 5, true),
            (10, 4, 77, 11, false), (10, 5, 77, 11, true), (100, 12, 77, 5, false),
            (100, 13, 77, 5, true), (2000, 203, 1000, 40, true), (3, 3, 2, 5, false),
        ]
    )
    func labelGuard(rows: Int, loss: Int, labels: Int, differing: Int, expected: Bool) {
        var all = PairedAnswers()
        for row in 0..<100 { all.append(candidate: row >= differing, incumbent: true) }
        var label = PairedAnswers()
        for row in 0..<rows { label.append(candidate: row >= loss, incumbent: true) }
        let found = LabelGuard(all, labelCount: labels).collapses(label)
        #expect(found == expected)
    }

    @Test("small losses that add up against the anchor are refused")
    func anchor() throws {
        let anchor = try known(Side(1000), version: 1)
        let live = try known(Side(1000) { $0 >= 20 })
        let new = Side(1000) { $0 >= 25 }
        let trial = try trial(new, live: live, anchor: anchor, standing: Standing(anchor: 1))
        let verdict = Verdict(.ifNotWorse, trial)
        #expect(verdict.comparison?.paired.incumbentOnly == 5)
        #expect(!verdict.isPromoted)
        #expect(verdict.reason.hasPrefix("worse than version 1, the anchor"), "\(verdict.reason)")
        #expect(verdict.standing == Standing(anchor: 1, refusals: 1, looks: 1, anchorLooks: 1))
    }

    @Test("a version that is proven better becomes the anchor, an equal one does not")
    func ratchet() throws {
        let live = try known(Side(1000) { $0 >= 40 })
        let proven = Verdict(.ifNotWorse, try trial(Side(1000), live: live))
        #expect(proven.standing == Standing(anchor: 4))
        let equal = Verdict(.ifNotWorse, try trial(Side(1000) { $0 >= 40 }, live: live))
        #expect(equal.isPromoted)
        #expect(equal.standing == Standing(anchor: 3, anchorLooks: 1))
    }

    @Test(
        "better: proven at 5 % over all looks, so that every look asks for more",
        // 6 of 6 differing rows: p = 1/64 = 0.0156; 0.05/2 at the first look, 0.05/6 at the second.
        arguments: [(6, 0, true), (6, 1, false), (5, 0, false), (8, 1, true), (0, 0, false)]
    )
    func better(won: Int, looks: Int, expected: Bool) throws {
        let live = try known(Side(200) { $0 >= won })
        let verdict = Verdict(
            .ifBetter,
            try trial(Side(200), live: live, standing: Standing(anchor: 3, looks: looks))
        )
        #expect(verdict.isPromoted == expected, "\(verdict.reason)")
        #expect(verdict.standing.refusals == 0)
        #expect(verdict.standing.looks == (expected ? 0 : looks + 1))
    }

    @Test("failing golden cases block every promotion and are named; they are no refusal")
    func golden() throws {
        let cases = [Example(label: "a", text: "say x"), Example(label: "a", text: "say y")]
        for rule in [Verdict.Rule.always, .ifBetter, .ifNotWorse] {
            let live = try known(Side(100))
            let verdict = Verdict(rule, try trial(Side(100), live: live, golden: cases))
            #expect(!verdict.isPromoted && verdict.standing == Standing(anchor: 3))
            #expect(
                verdict.reason.hasPrefix(
                    "1 of 2 golden cases fail: \"say y\" must be a and is b"
                )
            )
            #expect(verdict.reason.hasSuffix("{\"version\": 4, \"force\": true}"))
        }
    }

    @Test("golden cases that the live version fails count in words")
    func rescued() throws {
        let live = try known(Side(100), words: ["y": "a"])
        let golden = [Example(label: "b", text: "y")]
        let verdict = Verdict(.ifNotWorse, try trial(Side(100), live: live, golden: golden))
        #expect(verdict.reason.contains("passes 1 golden case that version 3 fails"))
    }

    @Test("the reason ends with the request that does the other thing")
    func command() throws {
        let live = try known(Side(100))
        let promoted = Verdict(.ifNotWorse, try trial(Side(100), live: live))
        #expect(promoted.reason.hasSuffix("to go back: PUT /models/desk/live {\"version\": 3}"))
        let worse = Verdict(.ifNotWorse, try trial(Side(100) { $0 > 20 }, live: live))
        #expect(
            worse.reason.hasSuffix(
                "to make it live all the same: PUT /models/desk/live {\"version\": 4}"
            )
        )
        for rule in [Verdict.Rule.never, .notAllowed] {
            let verdict = Verdict(rule, try trial(Side(100), live: live))
            #expect(!verdict.isPromoted && verdict.standing == Standing(anchor: 3))
            #expect(verdict.reason.hasSuffix("PUT /models/desk/live {\"version\": 4}"))
        }
    }

    @Test("made live by request, a version is the anchor")
    func always() throws {
        let verdict = Verdict(.always, try trial(Side(50), live: known(Side(50))))
        #expect(verdict.isPromoted && verdict.standing == Standing(anchor: 4))
    }

    @Test("without a row to compare by it goes live, untested; strictly, it does not")
    func untested() throws {
        let live = try known(Side(0))
        let verdict = Verdict(.ifNotWorse, try trial(Side(0), live: live))
        #expect(verdict.isPromoted && verdict.reason.hasPrefix("untested"))
        #expect(!Verdict(.ifBetter, try trial(Side(0), live: live)).isPromoted)
    }

    @Test("with few rows the reason says how little they tell")
    func risk() throws {
        let verdict = Verdict(.ifNotWorse, try trial(Side(80), live: known(Side(80))))
        #expect(
            verdict.reason.contains(
                "with 80 rows a version that is 3 points worse goes live in 54 of 100 cases"
            ),
            "\(verdict.reason)"
        )
        let many = Verdict(.ifNotWorse, try trial(Side(400), live: known(Side(400))))
        #expect(!many.reason.contains("3 points worse"))
    }
}
