internal import ArgumentParser
internal import ClassificationService

/// How the server is reached from elsewhere: by pages of other origins, behind a proxy.
struct ReachOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            An origin whose pages may read answers (CORS), exactly as browsers send it, such as \
            https://app.example.com; can be given several times, or with commas. \
            (ELMAN_CORS_ORIGIN)
            """,
            valueName: "origin"
        )
    )
    var corsOrigin: [String] = []

    @Option(
        help: ArgumentHelp(
            """
            The path of a proxy below which clients see this server, such as /elman: it may stand \
            before each path, and Location has it. (ELMAN_PATH_PREFIX)
            """,
            valueName: "path"
        )
    )
    var pathPrefix: String?

    /// The origins, one by one.
    private var originList: [String] {
        corsOrigin.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }
            .map { $0.filter { $0 != " " } }
    }

    /// The origins; nil for none.
    var origins: AllowedOrigins? {
        corsOrigin.isEmpty ? nil : AllowedOrigins(originList)
    }

    /// The prefix; none without the option.
    var prefix: PathPrefix { pathPrefix.flatMap(PathPrefix.init) ?? .none }

    func validate() throws {
        for origin in originList where !AllowedOrigins.isValid(origin) {
            let hint =
                origin == "*"
                ? "would let the pages of every site use this server; name each origin"
                : "is no origin as browsers send it: scheme, host in small letters and a port that "
                    + "is not the scheme's own, without a path"
            throw ValidationError("--cors-origin: '\(origin)' \(hint) (https://app.example.com).")
        }
        if let pathPrefix, PathPrefix(pathPrefix) == nil {
            throw ValidationError(
                "--path-prefix: '\(pathPrefix)' is no path of plain pieces, such as /elman."
            )
        }
    }
}
