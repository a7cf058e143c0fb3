internal import ArgumentParser
internal import ClassificationService

/// Makes a token.
struct TokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: commandName("token"),
        abstract: "Makes a token, adds its SHA-256 to the file of tokens and prints it, this once.",
        discussion: """
            A running server takes it up at SIGHUP. To revoke a token, delete its line from the \
            file and send SIGHUP.
            """
    )

    @Argument(help: "Who it is for; jobs and versions keep this name.")
    var name: String

    @Option(
        help: ArgumentHelp(
            "What it may do: classify, train, promote or admin; can be given several times.",
            valueName: "scope"
        ),
        transform: { name in
            guard let scope = Scope(rawValue: name) else {
                throw ValidationError("A scope is classify, train, promote or admin.")
            }
            return scope
        }
    )
    var scope: [Scope] = []

    @Option(help: "A model that it may use; can be given several times. Without it all.")
    var model: [String] = []

    @Option(help: "The file of tokens; made if missing. (ELMAN_TOKENS)")
    var tokens: String?

    func run() throws {
        guard let path = tokens ?? environmentValue(of: "tokens") else {
            throw ValidationError("Name the file of tokens with --tokens.")
        }
        guard !scope.isEmpty else { throw ValidationError("Give at least one --scope.") }
        print(try TokenFile(path: path).add(name: name, scopes: scope, models: model))
    }
}
