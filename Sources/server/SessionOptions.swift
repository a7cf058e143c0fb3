internal import ArgumentParser
internal import ClassificationService

/// Texts that come in pieces.
struct SessionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Texts that come in pieces and are kept between requests. (ELMAN_SESSIONS)",
            valueName: "count"
        )
    )
    var sessions = Limits().sessions

    @Option(
        help: ArgumentHelp(
            "How long such a text is kept that gets no piece. (ELMAN_SESSION_IDLE)",
            valueName: "seconds"
        )
    )
    var sessionIdle = Limits().sessionIdleSeconds

    func validate() throws {
        try requireRange("--sessions", sessions, 1...100_000)
        try requireRange("--session-idle", sessionIdle, 1...86_400)
    }
}
