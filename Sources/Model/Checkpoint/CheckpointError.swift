/// Why a checkpoint was refused: which file, which field, what is wrong and what to do.
public struct CheckpointError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong.
    public enum Problem: Sendable, Equatable {
        /// The operating system refused; its words.
        case unreadable(String)
        /// The file could not be written; the operating system's words.
        case unwritable(String)
        /// Not a regular file: a directory, device, pipe or socket.
        case notARegularFile
        /// More bytes than a checkpoint may have.
        case tooLarge(limit: Int)
        /// Not one strict JSON document.
        case notJSON(String)
        /// A member that must be there is not.
        case missing
        /// A member that this format does not have.
        case unknownMember
        /// Another type of value was expected.
        case wrongType(expected: String)
        /// A value that is not allowed here.
        case notAllowed(String)
        /// Made by a newer Elman.
        case newerVersion(found: Int, supported: Int)
        /// A tensor's shape does not fit the architecture, labels and vocabulary.
        case wrongShape(expected: [Int], found: [Int])
        /// A number of a tensor is no usable weight.
        case badWeight(String)
        /// The same entry twice.
        case repeated(String)
        /// The digest is not that of the file's bytes.
        case wrongDigest
    }

    /// The name of the file, or what else the bytes came from.
    public let source: String
    /// A JSON pointer to the field; empty for the file as a whole.
    public let field: String
    /// What is wrong.
    public let problem: Problem

    /// Creates an error.
    public init(source: String, field: String = "", problem: Problem) {
        self.source = source
        self.field = field
        self.problem = problem
    }

    /// One sentence with the source, the field and what to do.
    public var description: String {
        let place = field.isEmpty ? source : "\(source): \(field)"
        return "\(place): \(reason)"
    }

    /// What is wrong, without the place.
    public var reason: String {
        switch problem {
        case .unreadable(let words):
            "cannot be read (\(words)); check the path and its permissions"
        case .unwritable(let words):
            "cannot be written (\(words)); check the directory, its permissions and free space"
        case .notARegularFile:
            "is not a regular file; give the path of a checkpoint file"
        case .tooLarge(let limit):
            "is larger than \(limit) bytes, the limit for a checkpoint; train a smaller model"
        case .notJSON(let words):
            "is not a checkpoint (\(words)); copy the file again or train anew"
        case .missing:
            "is missing; copy the file again or train anew"
        case .unknownMember:
            "is not a member of this format; remove it or use the version of Elman that wrote it"
        case .wrongType(let expected):
            "must be \(expected)"
        case .notAllowed(let words):
            words
        case .newerVersion(let found, let supported):
            "is version \(found), this Elman reads up to \(supported); upgrade Elman"
        case .wrongShape(let expected, let found):
            "is \(CheckpointError.text(found)), but the architecture needs "
                + CheckpointError.text(expected)
        case .badWeight(let words):
            "\(words); weights are finite numbers from -10000 to 10000"
        case .repeated(let entry):
            "repeats \(entry)"
        case .wrongDigest:
            "does not match the bytes before it: the file was damaged or edited; copy it again"
        }
    }

    private static func text(_ shape: [Int]) -> String {
        "[" + shape.map(String.init).joined(separator: ", ") + "]"
    }
}
