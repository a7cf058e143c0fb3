internal import ArgumentParser
internal import DataDoctor
internal import Examples
internal import JSON
internal import Report

/// `trainer doctor`: what is wrong with labelled rows.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Finds faults in labelled rows before training.",
        discussion: """
            Reports labels with few rows, imbalance, texts that repeat, exactly or nearly, texts \
            with several labels, rows that may have the wrong label (a bag-of-words model of the \
            other rows finds another one 20 times as probable), texts without words or too long \
            to be read whole, and the words that tell most of each label. The same report stands \
            in every job's under "data". The status is 0 whatever is found.
            """
    )

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Labelled rows; - is standard input.", valueName: "file")
    )
    var data: [String]

    @OptionGroup var rows: RowArguments

    @Option(help: ArgumentHelp("Threads; they never change the report.", valueName: "n"))
    var threads = 1

    @Flag(help: "Print JSON; rows are counted from 0.")
    var json = false

    func validate() throws {
        guard (1...64).contains(threads) else {
            throw ValidationError("--threads must be from 1 to 64.")
        }
    }

    func run() throws {
        try reportingFailures {
            let examples = try DataFiles.read(data, rows)
            let report = DataDoctor(examples).report(threads: threads)
            if json {
                var writer = JSONWriter()
                report.encode(to: &writer)
                try StandardOutput.write(json: writer.finish())
            } else {
                try StandardOutput.write(page: DataReportText(report).description)
            }
        }
    }
}
