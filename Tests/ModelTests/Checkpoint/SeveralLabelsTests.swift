import Foundation
import Model
import Testing

/// Checkpoints of models that give a text several labels.
@Suite struct SeveralLabelsTests {
    @Test("a checkpoint comes back as it was, and classifies the same")
    func roundTrip() throws {
        let checkpoint = try MixedCheckpoint.make(output: .multi)
        let bytes = checkpoint.encoded()
        let again = try Checkpoint(parsing: bytes, source: "films.json")
        #expect(again == checkpoint && again.encoded() == bytes)
        #expect(again.architecture.output == .multi)
        let classifier = try TextClassifier(again)
        let probabilities = classifier.classify("not a good film").probabilities
        // Each label by itself: what they add up to is by chance.
        #expect(abs(probabilities.reduce(0, +) - 1) > 1e-3)
        #expect(classifier.thresholds == [0.5, 0.25, 0.9])
        probabilities.withUnsafeBufferPointer { buffer in
            let passed = (0..<3).filter { probabilities[$0] >= classifier.thresholds[$0] }
            #expect(classifier.answered(buffer) == passed)
        }
    }

    @Test("a checkpoint of one label has no word of it")
    func oneLabel() throws {
        let text = String(decoding: try MixedCheckpoint.make().encoded(), as: UTF8.self)
        for word in ["output\":\"", "bias\":", "thresholds", "micro_f1", "objective"] {
            #expect(!text.contains(word), "\(word)")
        }
    }

    @Test("the bias of a label is where its logit begins")
    func bias() throws {
        var checkpoint = try MixedCheckpoint.make(output: .multi)
        let before = try TextClassifier(checkpoint).classify("good").probabilities[2]
        checkpoint.calibration.bias[2] += 1
        let after = try TextClassifier(checkpoint).classify("good").probabilities[2]
        func logit(_ p: Float) -> Double { log(Double(p) / (1 - Double(p))) }
        // Float probabilities have seven digits.
        #expect(abs(logit(after) - logit(before) - 1) < 1e-4)
    }

    @Test("what is known of no word are the shares of the rows, which may add up to more than 1")
    func prior() throws {
        var checkpoint = try MixedCheckpoint.make(output: .multi)
        checkpoint.training.labelRows = [9, 3, 6]
        let (prediction, probabilities) = try TextClassifier(checkpoint).classify("zzzz qqqq")
        if !prediction.isKnown {
            #expect(probabilities == [1, Float(3.0 / 9), Float(6.0 / 9)])
        }
    }

    static let spoilt: [(@Sendable (inout Checkpoint) -> Void, String)] = [
        ({ $0.calibration.thresholds = [0.5] }, "/calibration/thresholds"),
        ({ $0.calibration.thresholds[1] = 1.5 }, "/calibration/thresholds"),
        ({ $0.calibration.thresholds[1] = .nan }, "/calibration/thresholds"),
        ({ $0.calibration.bias = [] }, "/calibration/bias"),
        ({ $0.calibration.bias[0] = 1e9 }, "/calibration/bias"),
        ({ $0.architecture.output = .oneLabel }, "/calibration/bias"),
    ]

    @Test("what does not fit is refused with its place", arguments: spoilt.indices)
    func refusals(place: Int) throws {
        let (spoil, field) = Self.spoilt[place]
        var checkpoint = try MixedCheckpoint.make(output: .multi)
        spoil(&checkpoint)
        do {
            try checkpoint.validate(source: "films.json")
            Issue.record("accepted")
        } catch { #expect(error.field == field) }
    }

    @Test(
        "a file that says other things is refused with its place",
        arguments: [
            (#""output":"multi""#, #""output":"many""#, "/architecture/output"),
            (#""output":"multi""#, #""output":null"#, "/architecture/output"),
            (#","output":"multi""#, "", "/calibration/bias"),
            (
                #""thresholds":[0.5,0.25,0.9]"#, #""thresholds":[0.5,0.25,"x"]"#,
                "/calibration/thresholds/2"
            ),
            (
                #""thresholds":[0.5,0.25,0.9]"#, #""thresholds":[0.5,0.25,1.5]"#,
                "/calibration/thresholds/2"
            ),
            (#","thresholds":[0.5,0.25,0.9]"#, "", "/calibration/thresholds"),
        ]
    )
    func files(old: String, new: String, field: String) throws {
        let text = String(
            decoding: try MixedCheckpoint.make(output: .multi).encoded(),
            as: UTF8.self
        )
        try #require(text.contains(old))
        let edited = text.replacing(old, with: new)
        do {
            _ = try Checkpoint(parsing: Array(edited.utf8), source: "films.json")
            Issue.record("accepted")
        } catch { #expect(error.field == field) }
    }

    @Test("objective is an option of its own, written where it was chosen")
    func objective() throws {
        var options = TrainingOptions()
        #expect(options.objective == nil && options.given.isEmpty)
        #expect(options.planning(objective: .micro).objective == .micro)
        #expect(options.planning(objective: .micro).given.isEmpty)
        options.objective = .macro
        #expect(options.planning(objective: .micro).objective == .macro)
        #expect(options.given == [.objective])
        var checkpoint = try MixedCheckpoint.make(output: .multi)
        checkpoint.training.options = options
        checkpoint.training.epochs = .init(asked: nil, paths: [])
        let again = try Checkpoint(parsing: checkpoint.encoded(), source: "films.json")
        #expect(again.training.options == options)
    }
}
