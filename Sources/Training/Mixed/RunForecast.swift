internal import Model

/// What is left of a run, in epochs and in seconds, told from the pace of each kind of work.
///
/// An epoch of the recurrent path takes up to twenty times as long as one of the linear path, so a
/// share of the epochs would say little about time.
struct RunForecast {
    /// What is trained: each kind has a pace of its own.
    enum Work: Int, CaseIterable {
        case recurrent, linear
        /// The recurrent path as it learns to predict words.
        case languageModel

        /// How long a text takes against one of the linear path, before both are known.
        fileprivate var usualCost: Double {
            switch self {
            case .linear: 1
            case .recurrent: 5
            case .languageModel: 25
            }
        }
    }

    /// Work of a fold that is to be done.
    struct Task {
        let work: Work
        /// Texts of an epoch.
        let texts: Int
        /// How many epochs it is expected to run in all.
        var epochs: Double
        fileprivate var done = 0.0
        fileprivate var hasEnded = false
        /// When its last batch began.
        fileprivate var mark: ContinuousClock.Instant?

        init(_ work: Work, texts: Int, epochs: Int) {
            self.work = work
            self.texts = texts
            self.epochs = Double(epochs)
            hasEnded = epochs == 0
        }

        fileprivate var left: Double { hasEnded ? 0 : max(epochs - done, 0) * Double(texts) }
    }

    /// Time and texts of a kind, those of earlier epochs counting less and less.
    private struct Pace {
        var seconds = 0.0
        var texts = 0.0

        var perText: Double? { texts > 0 ? seconds / texts : nil }
    }

    private var tasks: [Task] = []
    /// The numbers of the tasks of each stage.
    private var stages: [Range<Int>] = []
    private var threads = 1
    private var paces = [Pace](repeating: Pace(), count: Work.allCases.count)

    /// A task gains so much by a further thread that has nothing else to do.
    private static let gainByHelp = 1.6

    /// Expects nothing.
    init() {}

    /// Expects tasks stage after stage, those of a stage side by side.
    init(_ stages: [[Task]], threads: Int) {
        self.threads = threads
        for stage in stages {
            self.stages.append(tasks.count..<(tasks.count + stage.count))
            tasks += stage
        }
    }

    /// Counts a batch of a task.
    mutating func advance(_ task: Int, share: Double, now: ContinuousClock.Instant) {
        if let mark = tasks[task].mark {
            let work = tasks[task].work.rawValue
            paces[work].seconds += (now - mark) / .seconds(1) * (isAlone(task) ? gainOfOne : 1)
            paces[work].texts += share * Double(tasks[task].texts)
        }
        tasks[task].mark = now
        tasks[task].done += share
    }

    /// Lets the pace of the epochs so far count for half.
    mutating func finishEpoch(_ task: Int) {
        let work = tasks[task].work.rawValue
        paces[work].seconds /= 2
        paces[work].texts /= 2
        tasks[task].done = tasks[task].done.rounded()
    }

    /// Corrects how many epochs a task will run in all.
    mutating func expect(_ task: Int, epochs: Double) { tasks[task].epochs = epochs }

    /// Takes note that a task runs no further epoch.
    mutating func end(_ task: Int) {
        tasks[task].hasEnded = true
        tasks[task].mark = nil
    }

    /// Epochs of all tasks that are done.
    var epochsDone: Int { Int(tasks.reduce(0) { $0 + $1.done }.rounded()) }

    /// The epoch under way, from 1, counted through all tasks.
    var epoch: Int { min(Int(tasks.reduce(0) { $0 + $1.done.rounded(.down) }) + 1, epochs) }

    /// Epochs of all tasks, done and expected.
    var epochs: Int {
        let all = tasks.reduce(0.0) { sum, task in
            sum + (task.hasEnded ? task.done : max(task.epochs.rounded(), task.done.rounded(.up)))
        }
        return max(Int(all.rounded()), 1)
    }

    /// The time that what is left takes, at the pace so far.
    var secondsLeft: Double {
        stages.reduce(0) { sum, stage in
            let works = tasks[stage].map { $0.left * perText($0.work) }
            let total = works.reduce(0, +)
            let even = total / Double(threads)
            // What one task takes longer than its share, it takes with the help of the others.
            let excess = max((works.max() ?? 0) - even, 0)
            return sum + even + excess * (2 / gainOfOne - 1)
        }
    }

    private var gainOfOne: Double { threads > 1 ? RunForecast.gainByHelp : 2 }

    /// Whether the other threads have nothing but this task to work at.
    private func isAlone(_ task: Int) -> Bool {
        guard threads > 1, let stage = stages.first(where: { $0.contains(task) }) else {
            return false
        }
        return tasks[stage].count { !$0.hasEnded } < 2
    }

    private func perText(_ work: Work) -> Double {
        if let known = paces[work.rawValue].perText { return known }
        let other = Work.allCases.first { paces[$0.rawValue].perText != nil }
        guard let other, let known = paces[other.rawValue].perText else { return 0 }
        return known * work.usualCost / other.usualCost
    }
}

extension LossCurve {
    /// The epoch after which a path that stops by itself is likely to stop.
    ///
    /// It overfits when the rows that it learns have a small share of the loss of those that are
    /// held out. That share falls about as a power of the epoch, as measured on SST-2, TREC and
    /// Banking77.
    ///
    /// - Parameters:
    ///   - points: its epochs so far.
    ///   - epochs: epochs at most; expected as long as there are fewer than two.
    ///   - isLinear: whether it is the linear path, whose loss on what it learns falls further.
    /// - Returns: Its number, which may lie between two.
    static func likelyEnd(_ points: [Point], atMost epochs: Int, isLinear: Bool) -> Double {
        let shares = points.suffix(2).map { $0.loss / ($0.heldOutLoss ?? .infinity) }
        guard shares.count == 2, shares.allSatisfy({ $0 > 0 && $0.isFinite }) else {
            return Double(epochs)
        }
        let epoch = Double(points.count)
        let fall = (shares[0] / shares[1]).naturalLogarithm
        let local = fall / (epoch / (epoch - 1)).naturalLogarithm
        let (power, last) = isLinear ? (1.1, 0.13) : (min(max(2 * local, 0.5), 1.6), 0.2)
        let factor = ((shares[1] / last).naturalLogarithm / power).exponential
        return min(epoch * max(factor, 1), Double(epochs))
    }
}
