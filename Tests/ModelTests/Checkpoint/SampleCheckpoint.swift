import Digest
import Foundation
import Model
import Testing

/// A small valid checkpoint, its file, and edited files with a fresh digest.
enum SampleCheckpoint {
    static let words = ["<unk>", "good", "bad", "not", "i", "am"]

    static func make(hiddenSize: Int = 3) throws -> Checkpoint {
        var random = SplitMix(state: 42)
        return Checkpoint(
            model: "mood",
            architecture: Architecture(hiddenSize: hiddenSize),
            labels: ["happy", "sad"],
            vocabulary: try Vocabulary(words: words),
            training: TrainingRecord(
                rows: 58,
                dataDigest: String(repeating: "0123456789abcdef", count: 4),
                options: TrainingOptions(recipe: .article),
                epochs: .init(asked: nil, paths: [.init(name: "article", run: 1000, kept: 1000)]),
                train: .init(rows: 58, accuracy: 1, macroF1: 1, loss: 0.001),
                heldOut: .init(rows: 20, accuracy: 0.95, macroF1: 0.949, loss: 0.1),
                baselines: [.init(name: "majority", accuracy: 0.5, macroF1: 1.0 / 3)]
            ),
            tensors: randomTensors(
                vocabularySize: words.count,
                hiddenSize: hiddenSize,
                classCount: 2,
                &random
            )
        )
    }

    static func text() throws -> String { String(decoding: try make().encoded(), as: UTF8.self) }

    /// The file without its last member, then that member for the bytes as they are now.
    static func withDigest(_ covered: String) -> [UInt8] {
        Array(
            (covered + ",\n\"sha256\":\"\(SHA256.hexadecimal(of: Array(covered.utf8)))\"\n}\n").utf8
        )
    }

    /// The file with `old` replaced by `new`, its digest made again.
    static func replacing(_ old: String, with new: String) throws -> [UInt8] {
        let text = try text()
        let covered = text[..<(try #require(text.range(of: ",\n\"sha256\"")).lowerBound)]
        #expect(covered.ranges(of: old).count >= 1, "The sample has no \(old)")
        let range = try #require(covered.firstRange(of: old))
        return withDigest(covered.replacingCharacters(in: range, with: new))
    }

    /// As `replacing`, but from the first `old` up to the next `end`, both included.
    static func replacing(from old: String, through end: String, with new: String) throws -> [UInt8]
    {
        let text = try text()
        let covered = String(text[..<(try #require(text.range(of: ",\n\"sha256\"")).lowerBound)])
        let start = try #require(covered.firstRange(of: old)).lowerBound
        let stop = try #require(covered[start...].firstRange(of: end)).upperBound
        return withDigest(covered.replacingCharacters(in: start..<stop, with: new))
    }
}
