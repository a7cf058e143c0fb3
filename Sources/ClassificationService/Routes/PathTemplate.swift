/// A path as openapi.yaml writes it, such as `/models/{model}/live`.
struct PathTemplate: Sendable, Hashable, ExpressibleByStringLiteral {
    /// What a piece of a path can stand for.
    enum Variable: String, Sendable {
        /// The name of a model, which the token must be for.
        case model
        /// The number of a version.
        case version
        /// The identifier of a job.
        case job = "id"
        /// The identifier of a remembered prediction.
        case prediction
        /// The name of word vectors.
        case vectors
        /// The name of a file of the page.
        case file
    }

    enum Piece: Sendable, Hashable {
        case text(String)
        case variable(Variable)
        /// Braces that hold no `Variable`, or not all of the piece; no table takes it.
        case unknown(String)
    }

    /// As it was written; also the name in metrics and logs.
    let text: String
    let pieces: [Piece]

    init(stringLiteral text: String) {
        self.text = text
        pieces = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map {
            let piece = String($0)
            guard piece.contains("{") || piece.contains("}") else { return .text(piece) }
            let variable = Variable(rawValue: String(piece.dropFirst().dropLast()))
            guard let variable, piece == "{\(variable.rawValue)}" else { return .unknown(piece) }
            return .variable(variable)
        }
    }

    /// Whether no piece varies.
    var isFixed: Bool { pieces.allSatisfy { if case .text = $0 { true } else { false } } }

    /// How many pieces stand for the name of a model.
    var modelCount: Int { pieces.count { $0 == .variable(.model) } }

    /// Reads a path.
    ///
    /// - Parameter path: the pieces between the slashes, decoded.
    /// - Returns: what they stand for; nil if the path is not like this.
    func values(of path: [Substring.UTF8View]) -> PathValues? {
        guard path.count == pieces.count else { return nil }
        // Most templates of that length differ in a text: nothing is made before that is seen.
        for (piece, expected) in zip(path, pieces) {
            switch expected {
            case .text(let expected):
                guard piece.elementsEqual(expected.utf8) else { return nil }
            case .variable:
                guard !piece.isEmpty else { return nil }
            case .unknown: return nil
            }
        }
        var values = PathValues()
        for (piece, expected) in zip(path, pieces) {
            if case .variable(let variable) = expected {
                values.entries.append((variable, String(Substring(piece))))
            }
        }
        return values
    }
}

/// What stands in a path for its variables, decoded.
struct PathValues: Sendable {
    fileprivate(set) var entries: [(variable: PathTemplate.Variable, value: String)] = []

    /// The value of a variable; nil if the path has none of that kind.
    subscript(_ variable: PathTemplate.Variable) -> String? {
        entries.first { $0.variable == variable }?.value
    }
}
