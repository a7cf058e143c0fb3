internal import Digest
internal import Model

/// A checkpoint is refused with its place, or it answers and is written as it was read.
///
/// The bytes get the right digest at their end, since nobody makes that up by chance.
func findingInCheckpoint(_ bytes: [UInt8]) -> String? {
    let signed = withDigest(bytes)
    guard let checkpoint = try? Checkpoint(parsing: signed, source: "fuzz.json") else { return nil }
    guard let classifier = try? TextClassifier(checkpoint) else {
        return "a checkpoint passed every check and cannot serve"
    }
    let (_, probabilities) = classifier.classify("happy or sad, 42 times")
    guard probabilities.allSatisfy(\.isFinite) else { return "a probability is no number" }
    let written = checkpoint.encoded()
    guard let again = try? Checkpoint(parsing: written, source: "again.json") else {
        return "what was written cannot be read"
    }
    return again.encoded() == written ? nil : "what was written is read as something else"
}

/// The bytes up to their member `sha256`, with that member made anew.
private func withDigest(_ bytes: [UInt8]) -> [UInt8] {
    let member = Array(#","sha256":""#.utf8)
    let end = bytes.lastRange(of: member)?.lowerBound ?? bytes.count
    let covered = Array(bytes[..<end])
    return covered + member + Array("\(SHA256.hexadecimal(of: covered))\"}\n".utf8)
}

extension [UInt8] {
    fileprivate func lastRange(of part: [UInt8]) -> Range<Int>? {
        guard count >= part.count else { return nil }
        return (0...(count - part.count)).reversed()
            .first { self[$0..<($0 + part.count)].elementsEqual(part) }
            .map { $0..<($0 + part.count) }
    }
}
