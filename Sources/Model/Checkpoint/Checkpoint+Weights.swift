internal import Digest
internal import JSON

extension Checkpoint {
    /// The numbers of one tensor, whose shape was compared already.
    static func weights(
        _ field: CheckpointField,
        of shape: [Int]
    ) throws(CheckpointError) -> [Float] {
        let count = shape.reduce(1, *)
        // Before anything is allocated for them.
        guard field.value.kind == .array, field.value.count == count else {
            throw field.error(.wrongType(expected: "an array of \(count) numbers"))
        }
        var failure: JSONFloatsError?
        let values = [Float](unsafeUninitializedCapacity: count) { buffer, initializedCount in
            do throws(JSONFloatsError) {
                try field.value.copyFloats(
                    into: UnsafeMutableBufferPointer(rebasing: buffer[..<count])
                )
                initializedCount = count
            } catch {
                failure = error
            }
        }
        switch failure {
        case nil:
            return values
        case .notAFloat(let index):
            throw CheckpointError(
                source: field.source,
                field: "\(field.pointer)/\(index)",
                problem: .badWeight("is no number that a float32 can hold")
            )
        case .notAnArray, .wrongCount:
            preconditionFailure("Checked above")
        }
    }

    /// Compares the digest at the end of the file with the bytes before it.
    ///
    /// The end is compared byte by byte, so that no change of the file goes unseen.
    static func checkDigest(
        of bytes: UnsafeRawBufferPointer,
        source: String
    ) throws(CheckpointError) {
        let error = CheckpointError(source: source, field: "/sha256", problem: .wrongDigest)
        let endCount = digestPrefix.count + 64 + digestSuffix.count
        guard bytes.count > endCount else { throw error }
        let covered = UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count - endCount)])
        var digest = SHA256()
        digest.update(covered)
        let expected = digestPrefix + Array(digest.hexadecimal().utf8) + digestSuffix
        guard bytes[(bytes.count - endCount)...].elementsEqual(expected) else { throw error }
    }
}
