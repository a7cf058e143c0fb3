internal import ArgumentParser
internal import Digest
internal import Glibc
internal import Machine
internal import Model
internal import Store
internal import Stores

/// `trainer work`: trains the jobs of a state directory.
struct WorkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "work",
        abstract: "Trains the jobs that POST /train has queued.",
        discussion: """
            Claims one job after the other, trains, and publishes the version with its scores in \
            one transaction. The server starts one of these by itself; start more to train several \
            jobs at once. GET /workers lists them.

            SIGTERM or Ctrl-C gives the job under way back to the queue and ends with status 0. A \
            job that is cancelled stops within two seconds. A worker whose store is away for \
            --lease gives its training up, publishes nothing, and works on when the store is back.
            """
    )

    @Option(help: ArgumentHelp("The state directory of the server.", valueName: "directory"))
    var state = "state"

    @Option(
        help: ArgumentHelp(
            "The PostgreSQL database of the servers, postgresql://user@host/database, instead of a "
                + "state directory. (ELMAN_STORE)",
            valueName: "address"
        )
    )
    var store: String?

    @Flag(help: "End when no job is queued, instead of waiting for the next.")
    var untilIdle = false

    @Option(
        name: .customLong("worker-id"),
        help: ArgumentHelp(
            "The name under which jobs are claimed, of one process alone; names that begin with "
                + "local- are those of the server's own trainers. (default: one of its own)",
            valueName: "name"
        )
    )
    var workerID: String?

    /// Given by a worker that begins anew: it is still the same worker.
    @Option(help: .hidden)
    var begunAnewAs: String?

    @Option(
        help: ArgumentHelp(
            "Threads of a job that does not say how many; they never change the result. (default: "
                + "one for each processor that the affinity and the control groups of this process "
                + "allow, \(TrainingOptions.usefulThreads) at most)",
            valueName: "n"
        )
    )
    var threads: Int?

    @Option(
        help: ArgumentHelp(
            "Threads of such a job of fewer than \(JobThreads.rowsOfLongJobs) rows. (default: "
                + "those of --threads)",
            valueName: "n"
        )
    )
    var shortThreads: Int?

    @Option(
        help: ArgumentHelp(
            "How many of a model's newest versions stay when one is published; so do the live one, "
                + "the one before it and pinned ones.",
            valueName: "n"
        )
    )
    var keepVersions = Retention.versions

    @Option(help: ArgumentHelp("How often to look for jobs.", valueName: "seconds"))
    var poll = 0.5

    @Option(
        help: ArgumentHelp(
            "How long the worker may be silent: after that its job is given to another.",
            valueName: "seconds"
        )
    )
    var lease = 60

    @Flag(help: "Stop, as on SIGTERM, when standard input ends: the program behind it has died.")
    var exitWithParent = false

    func validate() throws {
        guard poll >= 0.01 && poll <= 3600 else {
            throw ValidationError("--poll must be from 0.01 to 3600 seconds.")
        }
        guard (1...3600).contains(lease) else {
            throw ValidationError("--lease must be from 1 to 3600 seconds.")
        }
        let allowedThreads = TrainingOptions.allowedThreads
        for (name, value) in [("--threads", threads), ("--short-threads", shortThreads)] {
            guard value.map(allowedThreads.contains) ?? true else {
                throw ValidationError(
                    "\(name) must be from \(allowedThreads.lowerBound) to "
                        + "\(allowedThreads.upperBound)."
                )
            }
        }
        if let address, !StoreLocation.isAddress(address) {
            throw ValidationError(
                "--store must begin with postgresql://; a directory is given with --state."
            )
        }
        guard keepVersions >= 1 else { throw ValidationError("--keep-versions must be 1 or more.") }
        if let workerID, workerID.isEmpty || workerID.utf8.count > 128 {
            throw ValidationError("--worker-id must have 1 to 128 bytes.")
        }
    }

    /// The database, if there is one; of an empty variable there is none.
    private var address: String? {
        if let store { return store }
        return getenv("ELMAN_STORE").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    func run() throws {
        try reportingFailures {
            StopSignal.watch(SIGTERM, SIGINT, SIGHUP)
            let store = try StoreLocation(
                address: address,
                listenAddress: "off",
                directory: state,
                keptVersions: keepVersions
            ).open()
            let long = threads ?? min(Processors.initialCount, TrainingOptions.usefulThreads)
            let threads = JobThreads(long: long, short: shortThreads ?? long)
            let identity = WorkerIdentity(
                ofThisProcess: begunAnewAs ?? workerID ?? RandomIdentifier.make(prefix: "worker-"),
                threads: threads.long
            )
            let stop = StopRequest(watchesInput: exitWithParent)
            let lease = Duration.seconds(lease)
            let keeper = WorkKeeper(store, identity, lease: lease, stop: stop)
            let worker = Worker(
                store: store,
                name: identity.name,
                lease: lease,
                threads: threads,
                stop: stop,
                keeper: keeper
            )
            do {
                try work(worker)
                // A server knows when its own trainer has ended.
                if !exitWithParent { worker.leave() }
            } catch {
                // If the store still answers, the job need not wait for the lease to run out.
                worker.giveBack(reason: "\(error)")
                throw error
            }
        }
    }

    /// Works until there is a reason to stop.
    ///
    /// A store that is away, or busy for too long, comes back: only one that this process cannot
    /// mend is an error, and any trouble where somebody waits for the end.
    private func work(_ worker: Worker) throws {
        var trouble: StoreError?
        // Whether the store may still hold a job that this worker has given up.
        var mayHoldJob = begunAnewAs != nil
        while !worker.stop.isPending {
            do throws(StoreError) {
                if mayHoldJob {
                    try worker.takeBack()
                    mayHoldJob = false
                }
                if trouble != nil {
                    StandardError.say("the store answers again")
                    trouble = nil
                }
                if try worker.workOnce() { continue }
                if untilIdle { return }
            } catch {
                guard !untilIdle, error.mayPass else { throw error }
                if trouble != error { StandardError.say("\(error)") }
                trouble = error
                mayHoldJob = true
                worker.stop.wait(atMost: .seconds(1))
                continue
            }
            worker.stop.wait(atMost: .seconds(poll))
        }
    }
}
