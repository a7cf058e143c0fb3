internal import Model

/// How large the body of an operation may be, and the way out for who needs more.
struct BodyLimit: Sendable {
    let bytes: Int
    /// What to do with more rows than one request may bring; nil where no rows are taken.
    let rest: String?
    private let wayOut: String?

    private init(_ bytes: Int, wayOut: String? = nil, rest: String? = nil) {
        self.bytes = bytes
        self.wayOut = wayOut
        self.rest = rest
    }

    /// None is taken.
    static let none = BodyLimit(0)

    /// A few members.
    static let small = BodyLimit(Limits.smallBodyBytes)

    /// A checkpoint file.
    static let checkpoint = BodyLimit(
        CheckpointFile.maximumBytes,
        wayOut: "trainer shrink makes checkpoints smaller"
    )

    /// A file of word vectors.
    static let vectors = BodyLimit(
        64 << 20,
        wayOut: "send its first lines, such as head -20001 gives: no more words are kept"
    )

    /// Texts to classify.
    static func texts(_ limits: Limits) -> BodyLimit {
        BodyLimit(
            limits.classifyBodyBytes,
            wayOut: "send it in parts, or raise --classify-body-bytes"
        )
    }

    /// Texts to classify, one a line, in a file.
    static func lines(_ limits: Limits) -> BodyLimit {
        BodyLimit(
            limits.streamBodyBytes,
            wayOut: "send it in parts, or raise --stream-body-bytes"
        )
    }

    /// Labelled rows.
    ///
    /// - Parameters:
    ///   - limits: what clients may ask for at most.
    ///   - rest: what to do with more of them.
    /// - Returns: the limit of `POST /train` and its like.
    static func rows(_ limits: Limits, rest: String = "send them in parts") -> BodyLimit {
        BodyLimit(
            limits.trainBodyBytes,
            wayOut: "\(rest), or raise --train-body-bytes",
            rest: rest
        )
    }

    /// Why a body is too large; the sentence has no full stop.
    var refusal: String {
        let size = bytes % (1 << 20) == 0 ? "\(bytes >> 20) MiB" : "\(bytes) bytes"
        let end = wayOut.map { "; " + $0 } ?? ""
        return "The body is larger than \(size), which is the limit of this route\(end)"
    }
}
