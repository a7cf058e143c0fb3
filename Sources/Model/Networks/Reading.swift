/// What a network read of a text.
struct Reading {
    /// The tokens that some path read.
    var tokenCount = 0
    /// How many of them are not in the vocabulary.
    var unknownCount = 0
    /// Whether something of them is in a table: a word, a sub-word, a feature.
    var isKnown = false
}
