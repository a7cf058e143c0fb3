internal import ArgumentParser
internal import ClassificationService
internal import Glibc
internal import HTTPServer
internal import Logging

@main
struct ServerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: programName,
        abstract: "Classifies texts over HTTP and learns from posted ones.",
        discussion: """
            Every option can be set by an environment variable instead: ELMAN_ and the option's \
            name in capitals, with _ for -, such as ELMAN_PORT=8080 for --port 8080 (for a switch, \
            1 or 0). An option on the command line wins.

            SIGTERM drains: /readyz says 503 at once, and --drain-delay says how long requests are \
            still answered. Then new connections are refused, open requests are answered, the \
            trainer stops, and the program ends with status 0. SIGINT and a second SIGTERM do the \
            same without the delay. The file of tokens, the certificate and the key are read again \
            when they change, and at SIGHUP. One that cannot be used is logged, and what was there \
            stays.

            `server token` makes tokens. `server backup` copies what is kept while the server \
            runs, and `server store copy` moves it between a directory and a database. Each has a \
            help of its own.
            """,
        version: programVersion
    )

    @OptionGroup(title: "Where") var place: PlaceOptions
    @OptionGroup(title: "Training") var training: TrainingSettings
    @OptionGroup(title: "Limits") var limits: LimitOptions
    @OptionGroup(title: "Sessions") var sessions: SessionOptions
    @OptionGroup(title: "Operation") var operation: OperationOptions

    @Flag(
        help: ArgumentHelp(
            "Ask the server that runs with the same options whether it lives, and exit with 0 or 1."
        )
    )
    var healthcheck = false

    mutating func run() throws {
        if healthcheck { throw Healthcheck(place).run() ? ExitCode.success : ExitCode.failure }
        holdSignals()
        let isTerminal = isatty(STDERR_FILENO) == 1
        let format = (operation.logFormat ?? (isTerminal ? .plain : .json)).lineFormat
        let level = operation.logLevel.level
        let queue = LineLogHandler.queue(descriptor: STDERR_FILENO, format: format)
        LoggingSystem.bootstrap { _ in
            LineLogHandler(format: format, level: level, queue: queue)
        }
        // Whoever reads the log may have stopped; the end does not wait for that.
        defer { queue.flush(within: .seconds(1)) }
        let log = Logger(label: "elman")
        do {
            try Server.run(self, log: log, queue: queue)
        } catch {
            log.critical("start_refused", metadata: ["reason": "\(error)"])
            throw ExitCode(error.exitStatus)
        }
    }

    static func main() {
        var arguments = CommandLine.arguments.dropFirst()
        // SageMaker starts each container with this word.
        if arguments.first == "serve" { arguments = arguments.dropFirst() }
        if isDescribing { return DescribedServer.main(Array(arguments)) }
        // No subcommand to the parser, which would take `--tokens` for the server's own.
        if arguments.first == "token" { return TokenCommand.main(Array(arguments.dropFirst())) }
        if arguments.first == "store" { return StoreCommand.main(Array(arguments.dropFirst())) }
        if arguments.first == "backup" { return BackupCommand.main(Array(arguments.dropFirst())) }
        main(environmentArguments(before: arguments) + arguments)
    }
}
