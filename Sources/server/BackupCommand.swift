internal import ArgumentParser
internal import Glibc
internal import Store
internal import Stores
internal import TextForm

/// Copies the store while it is used.
struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: commandName("backup"),
        abstract: "Makes one file of all that a state directory keeps, also while a server runs.",
        discussion: """
            The file has models, versions, examples, golden cases and jobs as they are at one \
            moment. It gets its name when it is complete, checked and on the disk; only this user \
            may read it. The files of --models and --tokens are not in it. docs/moving.md says how \
            to restore it.

            Ends with status 0; 64 for a wrong option, 66 when there is no store that can be read, \
            73 when the file cannot be made, 74 when the store is damaged or locked.
            """
    )

    @Argument(help: "The file to make, outside the state directory.")
    var file: String

    @Option(help: "The state directory; without it \"state\". (ELMAN_STATE)")
    var state: String?

    @Flag(help: "Replace the file if there is one.")
    var replace = false

    func validate() throws {
        if file.isEmpty { throw ValidationError("Name the file to make.") }
    }

    func run() throws {
        signal(SIGXFSZ, SIG_IGN)  // A limit for the size of files is then an error like others.
        let location = StoreLocation(
            address: state == nil ? environmentValue(of: "store") : nil,
            directory: state ?? environmentValue(of: "state") ?? "state"
        )
        do {
            let bytes = try location.backUp(to: file, replaces: replace)
            print("\(file): \(bytes) bytes, complete and checked")
        } catch {
            let line = Array(Printable.page("Error: \(error)\n").utf8)
            _ = write(STDERR_FILENO, line, line.count)
            throw ExitCode(error.exitStatus)
        }
    }
}

extension BackupError {
    /// As sysexits.h numbers them: 66 no input, 73 cannot create, 74 input or output error.
    fileprivate var exitStatus: Int32 {
        switch self {
        case .notAFileStore: 64
        case .noStore, .store(.cannotOpen), .store(.logWithoutDatabase), .store(.notAStore): 66
        case .exists, .notAFile, .amongStore, .foreignLog, .cannotWrite: 73
        case .store: 74
        }
    }
}
