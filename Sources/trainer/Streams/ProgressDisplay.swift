internal import Optimization
internal import Report

/// Progress on standard error: a live bar on a terminal, some lines in a log.
struct ProgressDisplay {
    private let isTerminal = StandardError.isTerminal
    private var pace = ProgressPace()
    private var isBarShown = false

    mutating func show(_ progress: TrainingProgress) {
        let line = ProgressLine(progress)
        if isTerminal {
            // Back to the line's start, the bar, and clear what an earlier, longer one left.
            StandardError.write("\r\(line.bar(columns: StandardError.columns))\u{1B}[K")
            isBarShown = true
        } else if pace.isDue(progress) {
            StandardError.write(line.plain + "\n")
        }
    }

    /// Leaves the last bar standing and starts a new line.
    mutating func end() {
        if isBarShown { StandardError.write("\n") }
        isBarShown = false
    }
}
