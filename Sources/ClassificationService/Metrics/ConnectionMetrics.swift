internal import HTTPServer
internal import Logging
internal import Synchronization

/// Connections for which there was no place: each is counted, and one line a second says how many.
final class ConnectionMetrics: Sendable {
    private struct Told {
        var totals = Totals()
        /// When the next line may be logged, on the monotonic clock.
        var notBefore = 0
    }

    private struct Totals: Equatable {
        var refused = 0
        var refusedOfAddress = 0
        var ended = 0
    }

    private let counts = Counters(count: HTTPTurnedAway.allCases.count)
    private let told = Mutex(Told())

    func record(_ how: HTTPTurnedAway) { counts.add(at: Self.index(how)) }

    /// Logs what came since the last line, if that is a second ago.
    func logNews(_ log: Logger) {
        let totals = totals
        let now = monotonicNanoseconds()
        let before: Totals? = told.withLock { told in
            guard totals != told.totals, now >= told.notBefore else { return nil }
            defer { told = Told(totals: totals, notBefore: now + 1_000_000_000) }
            return told.totals
        }
        guard let before else { return }
        log.warning(
            "connections_full",
            metadata: [
                "refused": "\(totals.refused - before.refused)",
                "refused_of_address": "\(totals.refusedOfAddress - before.refusedOfAddress)",
                "ended_without_head": "\(totals.ended - before.ended)",
            ]
        )
    }

    func write(to text: inout String) {
        let totals = totals
        let refused = "elman_connections_refused_total"
        text += "# HELP \(refused) New connections answered 503, by the limit that was reached.\n"
        text += "# TYPE \(refused) counter\n"
        text += "\(refused){limit=\"connections\"} \(totals.refused)\n"
        text += "\(refused){limit=\"connections_per_address\"} \(totals.refusedOfAddress)\n"
        let ended = "elman_connections_ended_total"
        text += "# HELP \(ended) Connections without a complete head that made room for new ones.\n"
        text += "# TYPE \(ended) counter\n\(ended) \(totals.ended)\n"
    }

    private var totals: Totals {
        Totals(
            refused: counts[Self.index(.connectionsFull)],
            refusedOfAddress: counts[Self.index(.addressFull)],
            ended: counts[Self.index(.withoutHead)]
        )
    }

    private static func index(_ how: HTTPTurnedAway) -> Int {
        switch how {
        case .withoutHead: 0
        case .connectionsFull: 1
        case .addressFull: 2
        }
    }
}
