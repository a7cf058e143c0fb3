internal import Evaluation
public import Optimization

/// Progress as one line of text.
public struct ProgressLine {
    private let progress: TrainingProgress

    /// Prepares the line of `progress`.
    public init(_ progress: TrainingProgress) { self.progress = progress }

    /// For a log: `epoch 400/1000  loss 0.0123  accuracy 98.3 %  12 s left`.
    public var plain: String {
        var line = "epoch \(progress.epoch)/\(progress.epochs)"
        if !progress.loss.isNaN {
            line += "  loss \(ProgressLine.loss(progress.loss))"
            line += "  accuracy \(percent(progress.accuracy, digits: 1))"
        }
        if progress.fraction < 1, let remaining = progress.remaining {
            line += "  \(ProgressLine.time(remaining)) left"
        } else {
            line += "  in \(ProgressLine.time(progress.elapsed))"
        }
        return line
    }

    /// For a terminal: a bar before the plain line, if `columns` have room for it.
    public func bar(columns: Int) -> String {
        let text = plain
        let width = min(30, columns - text.count - 5)
        guard width >= 5 else { return String(text.prefix(max(columns - 1, 0))) }
        let filled = Int((Double(width) * min(max(progress.fraction, 0), 1)).rounded(.down))
        let bar =
            String(repeating: "█", count: filled)
            + String(repeating: "░", count: width - filled)
        return "\(bar)  \(text)"
    }

    /// Losses are near 1 or small; a diverging one may be anything.
    private static func loss(_ loss: Double) -> String {
        loss.isFinite && abs(loss) < 1e6 ? decimal(loss, digits: 4) : "\(loss)"
    }

    /// `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`.
    private static func time(_ duration: Duration) -> String {
        let seconds = duration / Duration.seconds(1)
        if seconds < 9.95 { return "\(decimal(max(seconds, 0), digits: 1)) s" }
        let whole = Int(min(seconds, 1e9).rounded())
        if whole < 60 { return "\(whole) s" }
        if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
        return "\(whole / 3600) h \(whole % 3600 / 60) min"
    }
}

/// Thins progress out for a log: about ten lines a run, and one every half minute in a long one.
public struct ProgressPace: Sendable {
    private var nextFraction = 0.0
    private var nextTime = Duration.zero

    /// Starts with a line at once.
    public init() {}

    /// Whether this progress is worth a line.
    public mutating func isDue(_ progress: TrainingProgress) -> Bool {
        guard
            progress.fraction >= nextFraction || progress.elapsed >= nextTime
                || progress.fraction >= 1
        else { return false }
        nextFraction = ((progress.fraction * 10).rounded(.down) + 1) / 10
        nextTime = progress.elapsed + .seconds(30)
        return true
    }
}
