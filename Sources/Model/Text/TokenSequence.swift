/// The tokens of a text that a network reads one after the other: all, or of a long text as many
/// from its start as from its end.
///
/// A letter begins with greetings or ends with a signature; what it is about stands behind the one
/// and before the other, and most often near one of both.
package struct TokenSequence: Sendable, Equatable {
    /// How many tokens the text has.
    package let tokenCount: Int
    /// How many of them are read.
    package let count: Int

    package init(tokenCount: Int, limit: Int) {
        self.tokenCount = tokenCount
        count = min(tokenCount, limit)
    }

    /// Whether some are left out.
    package var isPartial: Bool { count < tokenCount }

    /// The place in the text of the token that is read at `position`.
    @inline(__always)
    package subscript(position: Int) -> Int {
        position < (count + 1) / 2 ? position : position + (tokenCount - count)
    }
}
