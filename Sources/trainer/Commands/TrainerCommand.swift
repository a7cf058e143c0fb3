internal import ArgumentParser
internal import Model

/// The `trainer` program: everything that happens to a model away from the service.
struct TrainerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        // Debian's package calls it `elman-trainer`.
        commandName: CommandLine.arguments.first?.split(separator: "/").last.map(String.init)
            ?? "trainer",
        abstract: "Trains text classifiers and measures them.",
        discussion: """
            Exit status:
              0    done
              1    training gave no model (it diverged), or verify another one
              64   the command line is wrong
              65   the data or checkpoint is wrong
              66   a file cannot be read
              73   a file cannot be created
              74   reading or writing failed
              130  stopped by Ctrl-C before there was anything to keep

            Progress and messages go to standard error, results to standard output.
            """,
        version: elmanVersion,
        subcommands: [
            TrainCommand.self, DoctorCommand.self, EvaluateCommand.self, PredictCommand.self,
            InspectCommand.self,
            CompareCommand.self, DiffCommand.self, VerifyCommand.self, ReportCommand.self,
            ShrinkCommand.self, WorkCommand.self,
        ]
    )
}
