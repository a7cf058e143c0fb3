/// What is told of requests that no handler can take.
extension Problem {
    static var pathNotFound: Problem {
        Problem(404, "path_not_found", "There is no such path; /openapi.yaml lists them.")
    }

    static func methodNotAllowed(allow: String) -> Problem {
        Problem(
            405,
            "method_not_allowed",
            "This path takes \(allow).",
            headers: [("Allow", allow)]
        )
    }

    static func unsupportedMediaType(expected: String, found: String) -> Problem {
        Problem(
            415,
            "unsupported_media_type",
            "The Content-Type must be \(expected), in UTF-8; "
                + (found.isEmpty ? "none came" : "\(found) came")
                + ". curl names it with -H 'Content-Type: …' (from 7.82 on --json does, for "
                + "JSON) and sends a file with --data-binary."
        )
    }

    static func invalidRequest(_ errors: [FieldError]) -> Problem {
        Problem(
            422,
            "invalid_request",
            summary(errors),
            errors: errors
        )
    }

    /// What a refused body is called as a whole; a row in a text format has a line and no pointer.
    private static func summary(_ errors: [FieldError]) -> String {
        if errors.count == 1, let error = errors.first, error.line != nil {
            return error.part.map { "Part \"\($0)\": " + error.detail } ?? error.detail
        }
        let things = errors.allSatisfy { $0.line != nil } ? ("row", "rows") : ("member", "members")
        return errors.count == 1
            ? "One \(things.0) of the body is wrong."
            : "\(errors.count) \(things.1) of the body are wrong."
    }

    static var outOfMemory: Problem {
        Problem(
            503,
            "out_of_memory",
            "Other requests have the memory that this one needs (--memory); try again.",
            retryAfterSeconds: 1
        )
    }

    static func tooMuchMemory(needed: Int, limit: Int) -> Problem {
        let (needed, limit) = ((needed - 1) >> 20 + 1, limit >> 20)
        return Problem(
            413,
            "body_too_large",
            "The body takes up to \(needed) MiB of memory to read, and there are \(limit) MiB for "
                + "it (--memory); send it in parts."
        )
    }

    static var idempotencyKeyReused: Problem {
        Problem(
            422,
            "idempotency_key_reused",
            "The Idempotency-Key came before with another request."
        )
    }
}
