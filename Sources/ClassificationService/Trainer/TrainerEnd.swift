/// How a trainer's process ended, and why as far as that can be known.
struct TrainerEnd: Sendable {
    /// Why this server ended a process.
    enum Order: Sendable, Equatable {
        /// The server stops.
        case stop
        /// It did not report for so long.
        case silence(Duration)
        /// Its job was cancelled, and it did not heed that.
        case cancel(job: String)

        /// Why, in words for the job.
        var reason: String {
            switch self {
            case .stop: "the server was stopped while the job ran"
            case .silence(let duration):
                "the trainer had not reported for \(Int(duration / .seconds(1))) seconds and was "
                    + "ended"
            case .cancel: "the job was cancelled, and the trainer that did not stop was ended"
            }
        }
    }

    let ending: TrainerProcess.Ending
    /// The end of what it said.
    let output: String
    /// How many processes the kernel killed for lack of memory while it ran; nil if that is not
    /// told.
    let outOfMemoryKills: Int?
    /// nil if this server did not end it.
    let order: Order?

    var isFine: Bool { ending == .exit(0) }

    /// The last line that it said; of a crash the one before its backtrace.
    var lastLine: String {
        let lines = output.split(separator: "\n")
        let line = lines.last { $0.hasPrefix("Fatal error:") } ?? lines.last ?? ""
        return String(line.prefix(500))
    }

    /// Whether memory ran out: the kernel says so, or the process did.
    var isOutOfMemory: Bool {
        if order != nil || isFine { return false }
        if ending == .signal(9) { return (outOfMemoryKills ?? 0) > 0 }
        return Self.outOfMemoryPhrases.contains { output.contains($0) }
    }

    /// What Swift, C++, the store and the C library say when they get no memory.
    private static let outOfMemoryPhrases = [
        "failed to allocate", "ould not allocate memory", "bad_alloc", "out of memory",
        "Cannot allocate memory",
    ]

    /// Whether the store could not be used, and no job is to blame: as sysexits.h has them, no
    /// input, and input or output error.
    var isStoreTrouble: Bool {
        !isOutOfMemory && (ending == .exit(66) || ending == .exit(74))
    }

    /// Why, in words for the job.
    var reason: String {
        if let order { return order.reason }
        if isOutOfMemory {
            return "the trainer ran out of memory (\(ending)); give it more memory, or fewer and "
                + "shorter rows"
        }
        guard ending == .signal(9) else { return "the trainer ended with \(ending)" }
        return outOfMemoryKills == nil
            ? "the trainer was killed by signal 9 from outside, perhaps because memory ran out"
            : "the trainer was killed by signal 9 from outside, not for lack of memory"
    }
}
