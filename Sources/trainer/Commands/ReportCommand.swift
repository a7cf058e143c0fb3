internal import ArgumentParser
internal import JSON
internal import Model
internal import Report

/// `trainer report`: a job's report as a page.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Makes one self-contained HTML page of a job's report.",
        discussion: """
            Reads the answer of GET /train/{id} or the file of trainer train --report. The page \
            shows losses, calibration, confusion, the figures of each label, and odd rows. It has \
            no script and loads nothing.

            Example: curl -s localhost:8080/train/$JOB | trainer report --html report.html
            """
    )

    @Argument(help: ArgumentHelp("The report; - is standard input.", valueName: "file"))
    var file = "-"

    @Option(help: ArgumentHelp("Where to write the page.", valueName: "file"))
    var html: String

    func run() throws {
        try reportingFailures {
            try OutputPath.check(html)
            let input = try InputFile(file)
            let name = input.name
            let bytes = try input.readAll()
            let parser = JSONParser()
            let page: ReportPage?
            do {
                page = ReportPage(try parser.parse(bytes))
            } catch {
                throw Failure(.badData, "\(name): \(error)")
            }
            guard let page else {
                throw Failure(
                    .badData,
                    "\(name): this is neither a report nor a job or version that has one"
                )
            }
            try CheckpointFile.write(Array(page.html.utf8), to: html)
        }
    }
}
