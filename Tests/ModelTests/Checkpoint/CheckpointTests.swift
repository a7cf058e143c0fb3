import Foundation
import Model
import Testing

@Suite struct CheckpointTests {
    @Test("reads what it wrote, and writes it again to the same bytes")
    func roundTrip() throws {
        for hiddenSize in [1, 3, 64] {
            let checkpoint = try SampleCheckpoint.make(hiddenSize: hiddenSize)
            let bytes = checkpoint.encoded()
            let again = try Checkpoint(parsing: bytes, source: "sample")
            #expect(again == checkpoint)
            #expect(again.encoded() == bytes)
        }
    }

    @Test(
        "reads a record that does not tell what was given and run, and writes no more than it read"
    )
    func oldRecord() throws {
        var checkpoint = try SampleCheckpoint.make()
        checkpoint.training.epochs = nil
        checkpoint.training.options.seed = 7
        let bytes = checkpoint.encoded()
        #expect(!String(decoding: bytes, as: UTF8.self).contains("\"given\""))
        let again = try Checkpoint(parsing: bytes, source: "sample")
        // What differs from the defaults of its recipe was given, as far as one can tell.
        #expect(again.training.options.given == [.recipe, .seed])
        #expect(again == checkpoint)
        #expect(again.encoded() == bytes)
    }

    @Test("keeps every bit of extreme weights")
    func extremeWeights() throws {
        var checkpoint = try SampleCheckpoint.make()
        let values: [Float] = [
            0, -0.0, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, .leastNormalMagnitude,
            1e4, -1e4, 0.1, 1 / 3, .ulpOfOne, 9999.999, 16_777.217 / 2, 1e-38, 5e-5, .pi,
            -1.0000001, 0.99999994, 1e-10,
        ]
        checkpoint.tensors["w1"] = Tensor(shape: [6, 3], values: values)
        let again = try Checkpoint(parsing: checkpoint.encoded(), source: "sample")
        #expect(again.tensors["w1"]?.values.map(\.bitPattern) == values.map(\.bitPattern))
    }

    @Test("keeps every bit of random floats of all magnitudes")
    func randomWeights() throws {
        var random = SplitMix(state: 77)
        var checkpoint = try SampleCheckpoint.make(hiddenSize: 200)
        let values = (0..<40_000).map { _ -> Float in
            while true {
                let value = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
                if value.magnitude <= 1e4 { return value }
            }
        }
        checkpoint.tensors["w2"] = Tensor(shape: [200, 200], values: values)
        let again = try Checkpoint(parsing: checkpoint.encoded(), source: "sample")
        #expect(again.tensors["w2"]?.values.map(\.bitPattern) == values.map(\.bitPattern))
    }

    @Test("escapes labels and words of any kind")
    func awkwardStrings() throws {
        var checkpoint = try SampleCheckpoint.make()
        checkpoint.labels = ["\"\\/", "🇩🇪 \u{FFFF}"]
        checkpoint.vocabulary = try Vocabulary(
            words: ["<unk>", "\u{E9}", "e\u{301}", "\"", "我", "👩‍👩‍👧‍👦"]
        )
        let again = try Checkpoint(parsing: checkpoint.encoded(), source: "sample")
        #expect(again == checkpoint)
    }

    @Test("puts each row of a tensor on a line of its own and holds no time")
    func layout() throws {
        let text = try SampleCheckpoint.text()
        #expect(text.hasPrefix("{\n\"format\":\"elman-checkpoint\",\n\"format_version\":1,\n"))
        #expect(text.hasSuffix("\"\n}\n"))
        // 11 members, their ends, labels, words and the rows of five tensors.
        #expect(text.split(separator: "\n").count > 11 + 2 + 6 + 6 + 3 + 1 + 3 + 1)
        #expect(!text.contains("created") && !text.contains("threads"))
    }

    @Test("none of 1000 single-bit flips loads, however it is read")
    func bitFlips() throws {
        let bytes = try SampleCheckpoint.make().encoded()
        var random = SplitMix(state: 13)
        for _ in 0..<1000 {
            var flipped = bytes
            let place = Int.random(in: 0..<bytes.count, using: &random)
            flipped[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            #expect(throws: CheckpointError.self, "byte \(place)") {
                try Checkpoint(parsing: flipped, source: "flipped")
            }
        }
    }

    @Test("no truncation loads")
    func truncations() throws {
        let bytes = try SampleCheckpoint.make().encoded()
        var random = SplitMix(state: 17)
        let places = (0..<100).map { _ in Int.random(in: 0..<bytes.count, using: &random) }
        for place in places + [0, 1, bytes.count - 1, bytes.count - 80, bytes.count - 79] {
            #expect(throws: CheckpointError.self, "\(place) bytes") {
                try Checkpoint(parsing: Array(bytes[..<place]), source: "truncated")
            }
        }
    }

    @Test("names the source, the field and what to do in one sentence")
    func description() throws {
        let bytes = try SampleCheckpoint.replacing("\"hidden_size\":3", with: "\"hidden_size\":4")
        let error = #expect(throws: CheckpointError.self) {
            try Checkpoint(parsing: bytes, source: "models/mood.json")
        }
        #expect(
            error?.description == "models/mood.json: /tensors/w1/shape: is [6, 3], "
                + "but the architecture needs [6, 4]"
        )
    }

    @Test("checks a checkpoint that no file made, too")
    func validates() throws {
        var checkpoint = try SampleCheckpoint.make()
        checkpoint.tensors["b3"]?.values[1] = .nan
        let error = #expect(throws: CheckpointError.self) { try TextClassifier(checkpoint) }
        #expect(error?.field == "/tensors/b3/values/1")
        checkpoint = try SampleCheckpoint.make()
        checkpoint.tensors["w9"] = Tensor(shape: [1], values: [0])
        #expect(throws: CheckpointError.self) { try TextClassifier(checkpoint) }
        checkpoint = try SampleCheckpoint.make()
        checkpoint.calibration.recurrent = .nan
        #expect(throws: CheckpointError.self) { try TextClassifier(checkpoint) }
    }
}
