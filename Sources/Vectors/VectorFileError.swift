/// Why bytes are no file of word vectors.
public enum VectorFileError: Error, Equatable, Sendable {
    /// Something else, such as an archive, and the way out.
    case otherFile(String)
    /// Lines that cannot be read, the first ones; lines are counted from 1.
    case badLines([BadLine])
    /// The binary part ends, or goes wrong, in this word, counted from 1.
    case badWord(number: Int, String)
    /// It has fewer than two words that a text can have.
    case tooFewWords(Int)
    /// It is longer than what is read at once.
    case noWords

    /// A line and what is wrong with it.
    public struct BadLine: Equatable, Sendable {
        /// The line, from 1.
        public var line: Int
        /// What is wrong.
        public var problem: String
    }

    /// How many bad lines are named at most.
    static let mostLines = 20
}

extension VectorFileError: CustomStringConvertible {
    /// One sentence for each thing that is wrong.
    public var description: String {
        switch self {
        case .otherFile(let sentence): sentence
        case .badLines(let lines):
            lines.map { "line \($0.line): \($0.problem)" }.joined(separator: "\n")
        case .badWord(let number, let problem): "word \(number): \(problem)"
        case .tooFewWords(let count):
            "only \(count) of its words \(count == 1 ? "is" : "are") one word of a text, and two "
                + "are the least; is it a file of word vectors?"
        case .noWords: "has no line; a word and its numbers are expected on each"
        }
    }
}
