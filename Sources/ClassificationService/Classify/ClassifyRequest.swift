internal import Model

/// What a request for classifications asks for, beside its texts.
struct ClassifyRequest: Sendable {
    /// nil for the default model.
    var model: String?
    /// nil for the version that serves.
    var version: Int?
    var options = Options()

    /// How the texts are answered.
    struct Options: Sendable {
        /// How many of the most probable labels are asked for; nil for all, in no order.
        var topK: Int?
        /// The score below which an answer abstains; at 0 none does.
        var minimumConfidence: Float = 0
        /// Whether the bar is the certainty that the version proposes, below which a text is none
        /// of its labels.
        var usesProposal = false
        /// Whether each answer explains itself.
        var isExplained = false
        /// Whether the answers may be remembered, where the server does that.
        var isRemembered = true
        /// Whether a version in shadow may be asked too.
        var isOffered = true
        /// Whether the texts came as a list, so that the answer is one too.
        var isList = false
        /// The session that the text is a piece of; nil for a text of its own.
        var session: String?
        /// Whether the session begins with this piece, has begun before, or either.
        var sessionStart = Sessions.Start.either
        /// Whether the session ends with this piece.
        var endsSession = false
        /// The words in which sessions are spoken of.
        var sessionWords = Sessions.Words.native
        /// What the answer takes over beside this, for the dialect that put it here.
        var echo: (any RequestEcho)?
    }

    /// The settings, by the names that they have in a body and in a query.
    static let settings = [
        "model", "version", "top_k", "min_confidence", "explain", "remember", "session",
        "session_end",
    ]

    /// Asks for what a request says.
    init() {}

    /// Reads the settings of a query.
    init(query: [(name: String, value: String)]) throws(ServiceError) {
        var errors = FieldErrors()
        for (name, value) in query where !read(name, .query(value), &errors) {
            errors.addUnknown(name)
        }
        try errors.throwIfAny()
    }

    /// Takes a setting over; a bad value is an error.
    ///
    /// - Returns: false if there is no setting of that name.
    mutating func read(
        _ name: String,
        _ value: Setting,
        _ errors: inout FieldErrors
    ) -> Bool {
        switch name {
        case "model":
            model = value.string
            if model == nil { errors.add("/model", "The model's name must be a string.") }
        case "version":
            version = value.wholeNumber
            if (version ?? 0) < 1 {
                errors.add("/version", "The version must be an integer of 1 or more.")
            }
        case "top_k":
            options.topK = value.wholeNumber
            if !(1...10_000).contains(options.topK ?? 0) {
                errors.add("/top_k", "It must be an integer from 1 to 10000.")
            }
        case "min_confidence":
            options.usesProposal = value.string == "proposed"
            if options.usesProposal { return true }
            // Rounded as scores are, so that a score that reads 0.9 passes 0.9.
            let least = value.double ?? -1
            options.minimumConfidence = Float(least)
            if !(0...1).contains(least) {
                errors.add("/min_confidence", "It must be a number from 0 to 1, or \"proposed\".")
            }
        case "explain":
            let flag = value.bool
            options.isExplained = flag ?? false
            if flag == nil { errors.add("/explain", "It must be true or false.") }
        case "remember":
            let flag = value.bool
            options.isRemembered = flag ?? true
            if flag == nil { errors.add("/remember", "It must be true or false.") }
        case "session":
            options.session = value.string
            if !(options.session.map(Sessions.isGoodName) ?? false) {
                errors.add("/session", "It must be a string of 1 to 128 visible ASCII characters.")
            }
        case "session_end":
            let flag = value.bool
            options.endsSession = flag ?? false
            if flag == nil { errors.add("/session_end", "It must be true or false.") }
        default: return false
        }
        return true
    }
}

extension ClassifyRequest.Options {
    /// Requires that a version proposes a certainty, where that is asked for.
    ///
    /// - Throws: that it proposes none.
    func requireProposal(of model: ServedModel) throws(ServiceError) {
        guard usesProposal, model.classifier.outOfScopeThreshold == nil else { return }
        throw .invalid(
            "/min_confidence",
            "Version \(model.version) of \(model.name) proposes nothing: it was trained without "
                + "texts of none of its labels (\"label\": null), or had nothing to compare them "
                + "with. Send a number from 0 to 1."
        )
    }
}
