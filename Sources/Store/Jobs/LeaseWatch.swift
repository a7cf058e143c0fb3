internal import Synchronization

/// Decides when a worker has been silent for too long, without a clock that anyone can set.
///
/// A worker raises its job's `heartbeat` with each report. Whoever watches remembers which
/// heartbeat it saw first and when, on its own monotonic clock; a heartbeat that stays the same
/// for the whole lease means that the worker is gone. So neither a jump of the time of day nor a
/// difference between two machines' clocks can end a lease, and while the machine sleeps no lease
/// runs. The price: a watcher that has just started waits for a whole lease. A server that saw
/// its worker die does not wait: it calls `releaseJobs`.
///
/// Being wrong is harmless: a worker that was only slow has lost its claim, and everything it
/// writes afterwards is refused by the attempt's number.
package final class LeaseWatch: Sendable {
    private struct Sighting {
        let attempt: Int
        package let heartbeat: Int
        let since: Duration
    }

    private let clock: @Sendable () -> Duration
    private let sightings = Mutex<[String: Sighting]>([:])

    package init(clock: @escaping @Sendable () -> Duration) {
        self.clock = clock
    }

    /// A running job as the store shows it.
    package struct RunningJob: Sendable {
        package let id: String
        package let attempt: Int
        package let heartbeat: Int
        package let lease: Duration

        package init(id: String, attempt: Int, heartbeat: Int, lease: Duration) {
            self.id = id
            self.attempt = attempt
            self.heartbeat = heartbeat
            self.lease = lease
        }
    }

    /// Forgets what was seen: every lease begins anew.
    ///
    /// For a watcher that could not look for a while, in which nobody could report either.
    package func beginAnew() { sightings.withLock { $0 = [:] } }

    /// Takes note of all jobs that run now and returns those whose lease has run out.
    package func expired(among running: [RunningJob]) -> [RunningJob] {
        let now = clock()
        return sightings.withLock { sightings in
            var seen: [String: Sighting] = [:]
            var expired: [RunningJob] = []
            for job in running {
                let last = sightings[job.id]
                let isSilent = last?.attempt == job.attempt && last?.heartbeat == job.heartbeat
                let since = isSilent ? last?.since ?? now : now
                if now - since >= job.lease { expired.append(job) }
                seen[job.id] = Sighting(
                    attempt: job.attempt,
                    heartbeat: job.heartbeat,
                    since: since
                )
            }
            sightings = seen
            return expired
        }
    }
}
