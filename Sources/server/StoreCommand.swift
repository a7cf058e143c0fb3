internal import ArgumentParser
internal import Glibc
internal import Store
internal import Stores
internal import TextForm

/// What is done with whole stores.
struct StoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: commandName("store"),
        abstract: "Moves a store between a state directory and a database.",
        subcommands: [StoreCopyCommand.self]
    )
}

/// Copies a store into an empty one.
struct StoreCopyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "copy",
        abstract: "Copies all that a store keeps into an empty one, of whatever kind.",
        discussion: """
            Each store is a state directory or the address of a PostgreSQL database \
            (postgresql://user@host/database). Everything goes, as it is at one moment: models, \
            versions, examples, golden cases, jobs, idempotency keys. It is written in one \
            transaction, read again, and compared by digests. The target has to be empty.

            Stop servers and workers first: what they keep after that moment is not copied. A job \
            that runs at that moment is trained again after its lease.

            Ends with status 0; 64 for a wrong option, 66 when there is no store that can be read, \
            73 when the target is not empty, 74 when a store is damaged, locked or away.
            """
    )

    @Option(help: ArgumentHelp("The store to read.", valueName: "directory or address"))
    var from: String

    @Option(help: ArgumentHelp("The store to fill.", valueName: "directory or address"))
    var to: String

    func validate() throws {
        if from.isEmpty || to.isEmpty { throw ValidationError("Name both stores.") }
        if from == to { throw ValidationError("--from and --to are the same store.") }
    }

    func run() throws {
        signal(SIGXFSZ, SIG_IGN)  // A limit for the size of files is then an error like others.
        do {
            let copied = try location(from).copy(to: location(to)) { table in
                say("\(table) …")
            }
            print(
                "\(copied.rows) rows and \(copied.checkpoints) checkpoints, complete and compared"
            )
        } catch {
            say("Error: \(error)")
            throw ExitCode(exitStatus(error))
        }
    }

    private func location(_ place: String) -> StoreLocation {
        StoreLocation(address: StoreLocation.isAddress(place) ? place : nil, directory: place)
    }

    /// As sysexits.h numbers them: 66 no input, 73 cannot create, 74 input or output error.
    private func exitStatus(_ error: any Error) -> Int32 {
        switch error {
        case StoreCopyError.noStore: 66
        case StoreCopyError.store, is StoreError: 74
        default: 73
        }
    }
}

private func say(_ line: String) {
    let line = Array(Printable.page(line + "\n").utf8)
    _ = write(STDERR_FILENO, line, line.count)
}
