internal import Vectors

/// What is told of texts without labels, and of word vectors.
extension Problem {
    static var textNotFound: Problem {
        Problem(404, "text_not_found", "The model has no such text.")
    }

    static func textsFull(limit: Int) -> Problem {
        Problem(
            409,
            "texts_full",
            "The model would have more than \(limit) texts, which is the limit "
                + "(--max-stored-examples); delete some with DELETE /models/{model}/texts. Nothing "
                + "was stored."
        )
    }

    static var vectorsNotFound: Problem {
        Problem(
            404,
            "vectors_not_found",
            "There are no word vectors of that name; GET /vectors lists them."
        )
    }

    static func vectorsFull(limit: Int) -> Problem {
        Problem(
            409,
            "vectors_full",
            "There are word vectors of \(limit) names, which is the limit; delete some with DELETE "
                + "/vectors/{name}. Nothing was stored."
        )
    }

    static var invalidVectorName: Problem {
        Problem(
            400,
            "invalid_parameter",
            "The name must be 1 to 64 lower-case letters, digits, '.', '_' or '-', a letter or "
                + "digit first."
        )
    }

    static func invalidVectors(_ error: VectorFileError) -> Problem {
        guard case .badLines(let lines) = error else {
            return .invalidRequest([FieldError(pointer: "", detail: "The body \(error).")])
        }
        return .invalidRequest(
            lines.map {
                FieldError(pointer: "", detail: "The line \($0.problem).", line: $0.line)
            }
        )
    }
}
