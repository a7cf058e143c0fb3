internal import ArgumentParser

/// The name by which this program was started; Debian's package calls it `elman-server`.
let programName =
    CommandLine.arguments.first?.split(separator: "/").last.map(String.init) ?? "server"

/// Whether the program is asked to describe all of itself, for manual pages and for shells.
let isDescribing =
    CommandLine.arguments.dropFirst().first.map {
        ["--experimental-dump-help", "--generate-completion-script"].contains($0)
    } ?? false

/// The name of a command of its own, such as `server token`; a description has it below `server`.
func commandName(_ name: String) -> String { isDescribing ? name : "\(programName) \(name)" }

/// The server with the commands that have parsers of their own, for descriptions alone.
struct DescribedServer: ParsableCommand {
    static let configuration: CommandConfiguration = {
        var described = ServerCommand.configuration
        described.subcommands = [TokenCommand.self, BackupCommand.self, StoreCommand.self]
        return described
    }()

    @OptionGroup var server: ServerCommand
}
