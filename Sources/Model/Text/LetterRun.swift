private import TextForm

/// The neighbouring letters of a script that is written without spaces, token after token: each
/// such letter is a token by itself.
///
/// White space within a run is not seen: only other tokens end it.
package struct LetterRun {
    private var bytes: [UInt8] = []
    private var starts: [Int] = []

    package init() {}

    /// Forgets the text before.
    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        starts.removeAll(keepingCapacity: true)
    }

    /// Takes the next token, and calls `body` with the letters that end with it, for each number
    /// of them in `lengths`; a token of another kind ends the run.
    package mutating func append(
        _ token: UnsafeBufferPointer<UInt8>,
        lengths: ClosedRange<Int>,
        _ body: (UnsafeBufferPointer<UInt8>) -> Void
    ) {
        guard LetterRun.isLetter(token) else {
            if !starts.isEmpty { removeAll() }
            return
        }
        starts.append(bytes.count)
        bytes.append(contentsOf: token)
        bytes.withUnsafeBufferPointer { bytes in
            for length in lengths where length <= starts.count {
                body(UnsafeBufferPointer(rebasing: bytes[starts[starts.count - length]...]))
            }
        }
    }

    /// Whether a token begins with a letter of such a script.
    package static func isLetter(_ token: UnsafeBufferPointer<UInt8>) -> Bool {
        // The first of these scripts is Thai, of three bytes a letter.
        guard let first = token.first, first >= 0xE0 else { return false }
        return ScalarClass.isWrittenWithoutSpaces(decodeScalar(token, at: 0).scalar.value)
    }
}
