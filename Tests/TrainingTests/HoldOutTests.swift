import Evaluation
import Examples
import Model
import Testing
import Training

@Suite struct HoldOutTests {
    private let rows = (0..<200).map { row in
        Example(label: row % 4 == 0 ? "rare" : "frequent", text: "text \(row)")
    }

    private func holdOut(
        _ examples: [Example],
        fraction: Double,
        seed: Int
    ) throws(TrainingError) -> HoldOut {
        try HoldOut(TokenizedRows(examples), fraction: fraction, seed: seed)
    }

    @Test("holds out each label in proportion and loses no row", arguments: [0.1, 0.25, 0.5])
    func stratified(fraction: Double) throws {
        let split = try holdOut(rows, fraction: fraction, seed: 1)
        #expect(split.training.count + split.heldOut.count == rows.count)
        #expect(Set(split.training + split.heldOut) == Set(rows))
        for (label, count) in [("rare", 50.0), ("frequent", 150.0)] {
            let heldOut = split.heldOut.filter { $0.label == label }.count
            // What one label rounds off, another gives.
            #expect(abs(Double(heldOut) - count * fraction) < 1)
        }
    }

    @Test("both parts keep the order of the rows")
    func order() throws {
        let split = try holdOut(rows, fraction: 0.2, seed: 1)
        #expect(split.training == rows.filter { Set(split.training).contains($0) })
        #expect(split.heldOut == rows.filter { Set(split.heldOut).contains($0) })
    }

    @Test("texts that a model cannot tell apart stay on one side, whatever their label")
    func repeatedTexts() throws {
        let repeated = (0..<300).map { row in
            Example(
                label: "\(row % 2)",
                text: row % 3 == 0 ? "  WORD \(row % 40) " : "word \(row % 40)"
            )
        }
        let split = try holdOut(repeated, fraction: 0.3, seed: 3)
        let tokenizer = Tokenizer()
        let left = Set(split.training.map { tokenizer.tokens(in: $0.text) })
        let right = Set(split.heldOut.map { tokenizer.tokens(in: $0.text) })
        #expect(left.isDisjoint(with: right))
        #expect(!right.isEmpty)
    }

    @Test("the same seed gives the same parts, another seed others")
    func seeded() throws {
        func heldOut(seed: Int) throws -> [Example] {
            try holdOut(rows, fraction: 0.2, seed: seed).heldOut
        }
        #expect(try heldOut(seed: 1) == heldOut(seed: 1))
        #expect(try heldOut(seed: 1) != heldOut(seed: 2))
    }

    @Test("what is held out stays held out when other rows come, go or change their order")
    func stable() throws {
        let before = Set(try holdOut(rows, fraction: 0.2, seed: 1).heldOut)
        let new = (0..<40).map { row in
            Example(label: row % 4 == 0 ? "rare" : "frequent", text: "new \(row)")
        }
        let split = try holdOut(new + rows.reversed().dropLast(20), fraction: 0.2, seed: 1)
        let left = Set(rows.dropFirst(20)).intersection(before)
        // A fifth more rows move the edge by a fifth of what is held out at most.
        #expect(left.subtracting(split.heldOut).count <= 8)
        #expect(Set(split.heldOut).subtracting(before).subtracting(new).count <= 8)
        #expect(left.count >= 30)
    }

    @Test("every label keeps a text to learn from; with one text each, nothing can be held out")
    func tooFew() throws {
        let few = [Example(label: "a", text: "x"), Example(label: "b", text: "y")]
        #expect(throws: TrainingError.cannotHoldOut(fraction: 0.9)) {
            try holdOut(few, fraction: 0.9, seed: 1)
        }
        let more = few + [Example(label: "a", text: "z")]
        let split = try holdOut(more, fraction: 0.9, seed: 1)
        #expect(Set(split.training.map(\.label)) == ["a", "b"])
        #expect(split.heldOut.count == 1)
    }
}
