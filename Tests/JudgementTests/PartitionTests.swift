import Judgement
import Model
import Testing

@Suite struct PartitionTests {
    private func partition(_ texts: [String], _ labels: [Int]) -> Partition {
        Partition(
            texts: TokenizedTexts(texts, tokenizer: Tokenizer()),
            labels: labels,
            rows: Array(texts.indices)
        )
    }

    private func plan(_ texts: [String], _ labels: [Int]) -> EvidencePlan {
        EvidencePlan(
            texts: TokenizedTexts(texts, tokenizer: Tokenizer()),
            labels: labels,
            rows: Array(texts.indices),
            model: "m"
        )
    }

    @Test("every row is asked once, by a network that has learnt none of the same text")
    func folds() {
        let texts = (0..<60).map { "text \($0 % 23)" } + ["single", "pair", "pair"]
        let labels = (0..<60).map { $0 % 23 % 4 } + [7, 8, 9]
        let splits = partition(texts, labels).folds(5)
        #expect(splits.count == 5)
        #expect(splits.flatMap(\.heldOut).sorted() == Array(texts.indices))
        for split in splits {
            #expect((split.training + split.heldOut).sorted() == Array(texts.indices))
            let learnt = Set(split.training.map { texts[$0] })
            #expect(learnt.isDisjoint(with: split.heldOut.map { texts[$0] }))
        }
    }

    @Test("one text, or none, cannot be parted", arguments: [[], ["a"], ["a", "a", "A!"]])
    func nothing(texts: [String]) {
        let partition = partition(texts, texts.map { _ in 0 })
        #expect(partition.folds(5).isEmpty)
        #expect(partition.heldOut(0.1).heldOut.isEmpty)
    }

    @Test(
        "what small labels cannot give, others do",
        arguments: [(500, 4), (400, 9), (1000, 3), (77, 30), (2, 1000)]
    )
    func quotas(labelCount: Int, rows: Int) {
        let labels = (0..<(labelCount * rows)).map { $0 % labelCount }
        let split = partition(labels.indices.map { "text \($0)" }, labels).heldOut(0.1)
        #expect(abs(split.heldOut.count - labels.count / 10) <= 1)
        #expect(Set(split.training.map { labels[$0] }).count == labelCount)
    }

    /// Random numbers of rows a label: 1 to 1,000 labels, 2 to 5,000 rows, some even, some with a
    /// long tail.
    private func labels(seed: UInt64) -> [Int] {
        var generator = SplitMix64(seed: seed)
        let rows = Int.random(in: 2...5000, using: &generator)
        let labelCount = Int.random(in: 1...1000, using: &generator)
        let tail = Double.random(in: 0...3, using: &generator)
        return (0..<rows).map { _ in
            let draw = Double.random(in: 0..<1, using: &generator)
            let share = tail < 1 ? draw : (0..<Int(tail)).reduce(draw) { value, _ in value * draw }
            return Int(share * Double(labelCount))
        }
    }

    @Test("whatever the numbers of rows a label, enough rows are evidence", arguments: 0..<60)
    func enough(seed: UInt64) {
        let labels = labels(seed: seed)
        let texts = labels.indices.map { "text \($0)" }
        let plan = plan(texts, labels)
        switch plan {
        case .heldOut(let split):
            #expect(split.heldOut.count >= 200)
            #expect(Set(split.training.map { labels[$0] }) == Set(labels))
            let missed = Set(labels).subtracting(split.heldOut.map { labels[$0] })
            #expect(missed.count * 10 <= Set(labels).count)
        case .crossValidation(let splits):
            #expect(splits.flatMap(\.heldOut).sorted() == Array(labels.indices))
        }
    }

    @Test("one row a label, or 999 labels of one row: all are asked")
    func singles() {
        for labels in [Array(0..<1000), [0] + Array(0..<999)] {
            guard case .crossValidation(let splits) = plan(labels.indices.map { "t \($0)" }, labels)
            else {
                Issue.record("a tenth was held out")
                return
            }
            #expect(splits.flatMap(\.heldOut).count == 1000)
        }
    }

    @Test("a row keeps its side when others come or go")
    func stable() {
        let labels = (0..<4000).map { $0 % 7 }
        let texts = labels.indices.map { "text \($0)" }
        let before = Set(partition(texts, labels).heldOut(0.1).heldOut.map { texts[$0] })
        let fewer = labels.indices.filter { $0 % 50 != 0 }
        let split = partition(fewer.map { texts[$0] }, fewer.map { labels[$0] }).heldOut(0.1)
        let after = Set(split.heldOut.map { texts[fewer[$0]] })
        let kept = before.intersection(fewer.map { texts[$0] })
        #expect(kept.subtracting(after).count <= 7)
        #expect(after.subtracting(before).count <= 14)
    }

    @Test("the parts of a label are even, and few rows change their part when others come")
    func stableFolds() {
        let labels = (0..<770).map { $0 % 77 }
        let texts = labels.indices.map { "text \($0)" }
        let splits = partition(texts, labels).folds(5)
        var partOfText: [String: Int] = [:]
        for (part, split) in splits.enumerated() {
            #expect(
                (0..<77).allSatisfy { label in split.heldOut.count { labels[$0] == label } == 2 }
            )
            for row in split.heldOut { partOfText[texts[row]] = part }
        }
        // Thirty rows more, of ten labels.
        let more = texts + (0..<30).map { "new \($0)" }
        let after = partition(more, labels + (0..<30).map { $0 % 10 }).folds(5)
        var moved = 0
        for (part, split) in after.enumerated() {
            moved += split.heldOut.count { $0 < 770 && partOfText[more[$0]] != part }
        }
        #expect(moved <= 50, "\(moved) of the 100 rows of these labels, and no other")
    }
}
