import Foundation
import Model
import Store
import Synchronization
import Testing

@testable import ClassificationService

/// A queue without a store, a clock that a test moves, and scripts instead of trainers.
private final class Setup: Sendable {
    struct State {
        var jobs: [UnfinishedJob] = []
        var isLocked = false
        var cancelled: [String] = []
        var released: [(worker: String, reason: String, countsAsTry: Bool)] = []
        var failed: [String] = []
        var now = Duration.zero
    }

    let directory = NSTemporaryDirectory() + "elman-supervisor-\(UUID().uuidString)"
    let state = Mutex(State())
    let log = EventLog()

    init() throws {
        try FileManager.default.createDirectory(
            atPath: directory,
            withIntermediateDirectories: true
        )
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    /// A supervisor whose processes note their arguments and then run a script.
    func supervisor(_ script: String, trainers: Int = 1) throws -> TrainerSupervisor {
        let file = directory + "/script"
        let text = "#!/bin/sh\necho \"$@\" >> \(directory)/starts\n\(script)\n"
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file)
        var settings = TrainerSupervisor.Settings(path: file, store: ["--state", "x"])
        settings.trainers = trainers
        settings.threads = JobThreads(long: 3, short: 4)
        settings.backoff = .milliseconds(1)
        settings.cancelGrace = .milliseconds(20)
        let queue = TrainerQueue(
            unfinished: { self.state.withLock { $0.jobs } },
            tryWriting: { if self.state.withLock({ $0.isLocked }) { throw StoreError.busy } },
            cancel: { job in try self.write { $0.cancelled.append(job) } },
            release: { worker, reason, countsAsTry in
                try self.write { state in
                    state.released.append((worker, reason, countsAsTry))
                    let had = state.jobs.filter { $0.run?.worker == worker }
                    state.jobs.removeAll { $0.run?.worker == worker }
                    return had.count
                }
            },
            failNext: { reason in
                try self.write { state in
                    state.failed.append(reason)
                    state.jobs = []
                }
            }
        )
        return TrainerSupervisor(settings: settings, queue: queue, log: log.logger) {
            self.state.withLock { $0.now }
        }
    }

    private func write<Result: Sendable>(_ body: (inout sending State) -> Result) throws -> Result {
        try state.withLock { state in
            if state.isLocked { throw StoreError.busy }
            return body(&state)
        }
    }

    func queue(_ models: String...) {
        let jobs = models.enumerated().map { number, model in
            UnfinishedJob(id: "job-\(number)", model: model, createdAt: 0, run: nil)
        }
        state.withLock { $0.jobs = jobs }
    }

    /// Lets the process that has started last have the first job.
    func claim(heartbeat: Int = 1, isCancelRequested: Bool = false) throws {
        let worker = try #require(
            starts.last.flatMap { start in
                start.firstIndex(of: "--worker-id").map { start[$0 + 1] }
            }
        )
        state.withLock { state in
            let job = state.jobs[0]
            state.jobs[0] = UnfinishedJob(
                id: job.id,
                model: job.model,
                createdAt: 0,
                isCancelRequested: isCancelRequested,
                run: .init(worker: worker, attempt: 1, heartbeat: heartbeat, lease: .seconds(60))
            )
        }
    }

    /// The arguments of the processes that were started.
    var starts: [[String]] {
        let text = (try? String(contentsOfFile: directory + "/starts", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    }

    func advance(_ duration: Duration) { state.withLock { $0.now += duration } }

    /// Lets the supervisor look, and waits until something has come of it.
    func wait(
        _ supervisor: TrainerSupervisor,
        _ what: Comment,
        until isReached: () -> Bool
    ) throws {
        for _ in 0..<4000 where !isReached() {
            supervisor.wake()
            usleep(5000)
        }
        try #require(isReached(), what)
    }

    /// Lets the supervisor look some times.
    func look(_ supervisor: TrainerSupervisor) {
        for _ in 0..<10 {
            supervisor.wake()
            usleep(5000)
        }
    }
}

@Suite(.timeLimit(.minutes(2))) struct TrainerSupervisorTests {
    private let setup: Setup

    init() throws { setup = try Setup() }

    @Test("so many processes run at once as are asked for, and no more than models wait")
    func atOnce() throws {
        let supervisor = try setup.supervisor("exec sleep 100", trainers: 3)
        defer { supervisor.stop(grace: .seconds(5)) }
        setup.queue("a", "a", "b")
        try setup.wait(supervisor, "two starts") { setup.starts.count == 2 }
        setup.look(supervisor)
        #expect(setup.starts.count == 2)
        setup.queue("a", "b", "c", "d")
        try setup.wait(supervisor, "a third") { setup.starts.count == 3 }
        setup.look(supervisor)
        #expect(setup.starts.count == 3)
        let names = setup.starts.compactMap { start in
            start.firstIndex(of: "--worker-id").map { start[$0 + 1] }
        }
        #expect(Set(names).count == 3 && names.allSatisfy { $0.hasPrefix("local-") })
        let threads = "--threads 3 --short-threads 4"
        #expect(setup.starts.allSatisfy { $0.joined(separator: " ").contains(threads) })
    }

    @Test("no process is started for a model that has a running job")
    func runningElsewhere() throws {
        let supervisor = try setup.supervisor("exit 0", trainers: 2)
        defer { supervisor.stop(grace: .seconds(5)) }
        setup.queue("a", "a")
        setup.state.withLock { state in
            state.jobs[0] = UnfinishedJob(
                id: "job-0",
                model: "a",
                createdAt: 0,
                run: .init(worker: "other", attempt: 1, heartbeat: 1, lease: .seconds(60))
            )
        }
        setup.look(supervisor)
        #expect(setup.starts.isEmpty)
    }

    @Test(
        "a process that hangs is told of, ended with its lease, store locked or not, and replaced",
        arguments: [false, true]
    )
    func hangs(isLocked: Bool) throws {
        let supervisor = try setup.supervisor("kill -STOP $$")
        setup.queue("a")
        try setup.wait(supervisor, "the start") { setup.starts.count == 1 }
        try setup.claim()
        setup.state.withLock { $0.isLocked = isLocked }
        setup.look(supervisor)
        #expect(supervisor.trouble == nil)
        setup.advance(.seconds(6))
        try setup.wait(supervisor, "the trouble") { supervisor.trouble != nil }
        #expect(supervisor.trouble?.contains("has not reported for 6 seconds") == true)
        #expect(supervisor.trouble?.contains("after 60 it is ended") == true)
        setup.advance(.seconds(53))
        setup.look(supervisor)
        #expect(setup.log.facts("trainer_killed").isEmpty)
        setup.advance(.seconds(2))
        try setup.wait(supervisor, "the end") { !setup.log.facts("trainer_ended").isEmpty }
        setup.state.withLock { $0.isLocked = false }
        try setup.wait(supervisor, "the release") {
            setup.state.withLock { !$0.released.isEmpty }
        }
        let released = try #require(setup.state.withLock { $0.released.first })
        #expect(released.reason == "the trainer had not reported for 61 seconds and was ended")
        // What the store could not take back at once costs the job nothing.
        #expect(released.countsAsTry == !isLocked)
        setup.queue("a")
        try setup.wait(supervisor, "another start") { setup.starts.count == 2 }
        #expect(supervisor.trouble == nil)
        supervisor.stop(grace: .milliseconds(10))
    }

    @Test("a process that works while others have the store locked is left alone")
    func working() throws {
        let supervisor = try setup.supervisor("while :; do :; done")
        setup.queue("a")
        try setup.wait(supervisor, "the start") { setup.starts.count == 1 }
        try setup.claim()
        setup.state.withLock { $0.isLocked = true }
        setup.look(supervisor)
        for _ in 0..<7 {
            setup.advance(.seconds(10))
            usleep(30_000)  // Some ticks of the system's clock.
            setup.look(supervisor)
        }
        #expect(setup.log.facts("trainer_killed").isEmpty)
        // One that works and could report, but does not, hangs too.
        setup.state.withLock { $0.isLocked = false }
        try setup.wait(supervisor, "the end") { !setup.log.facts("trainer_ended").isEmpty }
        supervisor.stop(grace: .seconds(1))
    }

    @Test("a process that reports in time lives on")
    func reports() throws {
        let supervisor = try setup.supervisor("exec sleep 100")
        defer { supervisor.stop(grace: .seconds(5)) }
        setup.queue("a")
        try setup.wait(supervisor, "the start") { setup.starts.count == 1 }
        for heartbeat in 1...5 {
            try setup.claim(heartbeat: heartbeat)
            setup.look(supervisor)
            setup.advance(.seconds(59))
            setup.look(supervisor)
        }
        #expect(setup.log.facts("trainer_killed").isEmpty)
    }

    @Test("a cancelled job's process that does not stop is ended, even with the store locked")
    func cancels() throws {
        let supervisor = try setup.supervisor("kill -STOP $$")
        setup.queue("a")
        try setup.wait(supervisor, "the start") { setup.starts.count == 1 }
        try setup.claim()
        setup.state.withLock { $0.isLocked = true }
        supervisor.endUnlessStopped("job-0")
        try setup.wait(supervisor, "the end") { !setup.log.facts("trainer_ended").isEmpty }
        #expect(setup.state.withLock { $0.cancelled.isEmpty && $0.released.isEmpty })
        setup.state.withLock { $0.isLocked = false }
        try setup.wait(supervisor, "the release") {
            setup.state.withLock { $0.cancelled == ["job-0"] && !$0.released.isEmpty }
        }
        supervisor.stop(grace: .seconds(1))
    }

    @Test("a job that was cancelled elsewhere, as with its model, loses a process that hangs")
    func cancelsElsewhere() throws {
        let supervisor = try setup.supervisor("kill -STOP $$")
        setup.queue("a")
        try setup.wait(supervisor, "the start") { setup.starts.count == 1 }
        try setup.claim(isCancelRequested: true)
        setup.look(supervisor)
        #expect(setup.log.facts("trainer_killed").isEmpty)
        setup.advance(.seconds(1))
        try setup.wait(supervisor, "the end") { !setup.log.facts("trainer_ended").isEmpty }
        #expect(setup.state.withLock { $0.cancelled } == ["job-0"])
        supervisor.stop(grace: .seconds(1))
    }

    @Test("a cancellation that was refused ends no process")
    func keeps() throws {
        let supervisor = try setup.supervisor("exec sleep 100")
        setup.queue("a")
        try setup.wait(supervisor, "the start") { setup.starts.count == 1 }
        try setup.claim()
        supervisor.endUnlessStopped("job-0")
        supervisor.keep("job-0")
        usleep(100_000)
        #expect(setup.log.facts("trainer_killed").isEmpty)
        supervisor.stop(grace: .seconds(5))
    }

    @Test("at the start jobs of earlier processes are taken back, those of others are not")
    func takesBack() throws {
        let supervisor = try setup.supervisor("exec sleep 100")
        setup.queue("a", "b", "c", "d")
        let workers = ["local", "local-0123", "worker-1", "w"]
        setup.state.withLock { state in
            for (index, worker) in workers.enumerated() {
                state.jobs[index] = UnfinishedJob(
                    id: "job-\(index)",
                    model: "\(index)",
                    createdAt: 0,
                    run: .init(worker: worker, attempt: 1, heartbeat: 1, lease: .seconds(60))
                )
            }
        }
        try supervisor.takeBackJobs()
        #expect(Set(setup.state.withLock { $0.released.map(\.worker) }) == ["local", "local-0123"])
    }

    @Test(
        "three starts without a job fail the job whose turn it is, with the reason",
        arguments: [
            ("exit 3", "the trainer ended with exit status 3"),
            ("echo 'terminate: std::bad_alloc'; kill -ABRT $$", "memory"),
            ("kill -KILL $$", "by signal 9 from outside"),
        ]
    )
    func fruitless(script: String, reason: String) throws {
        let supervisor = try setup.supervisor(script)
        setup.queue("a")
        try setup.wait(supervisor, "the failure") { setup.state.withLock { !$0.failed.isEmpty } }
        let failed = setup.state.withLock { $0.failed }
        #expect(failed.count == 1 && failed[0].contains(reason), "\(failed)")
        #expect(setup.starts.count == 3)
        supervisor.stop(grace: .seconds(1))
    }
}

@Suite struct TrainerEndTests {
    static func end(
        _ ending: TrainerProcess.Ending,
        _ output: String = "",
        kills: Int? = 0,
        order: TrainerEnd.Order? = nil
    ) -> TrainerEnd {
        TrainerEnd(ending: ending, output: output, outOfMemoryKills: kills, order: order)
    }

    @Test(
        "memory is named where it was memory",
        arguments: [
            (end(.signal(9), kills: 1), true), (end(.signal(9), kills: 0), false),
            (end(.signal(9), kills: 1, order: .silence(.seconds(60))), false),
            (end(.signal(6), "x\nterminate called after throwing 'std::bad_alloc'\n"), true),
            (end(.signal(4), "Fatal error: failed to allocate 9 bytes of memory\n\n*** \n"), true),
            (end(.exit(74), "the database refused a statement (code 7: out of memory)"), true),
            (end(.signal(11), "Segmentation fault"), false), (end(.exit(3)), false),
        ]
    )
    func memory(end: TrainerEnd, isMemory: Bool) {
        #expect(end.isOutOfMemory == isMemory)
        #expect(end.reason.contains("ran out of memory") == isMemory)
        #expect(!(end.isOutOfMemory && end.isStoreTrouble))
    }

    @Test("the store is to blame for two statuses, and no job is")
    func storeTrouble() {
        #expect(Self.end(.exit(74), "the disk is full").isStoreTrouble)
        #expect(Self.end(.exit(66)).isStoreTrouble)
        #expect(!Self.end(.exit(65)).isStoreTrouble)
        #expect(Self.end(.signal(9), kills: nil).reason.contains("perhaps because memory ran out"))
    }
}

@Suite struct TrainerPulseTests {
    private func run(_ heartbeat: Int) -> UnfinishedJob.Run {
        .init(worker: "w", attempt: 1, heartbeat: heartbeat, lease: .seconds(60))
    }

    @Test("silence counts from the last report, idleness from the last work")
    func counts() {
        var pulse = TrainerPulse(at: .zero)
        pulse.note(.init(job: "j", run: run(1), processorTicks: 5), at: .seconds(10))
        pulse.note(.init(job: "j", run: run(1), processorTicks: 9), at: .seconds(20))
        #expect(pulse.silence == .seconds(10) && pulse.idleness == .zero && !pulse.isStalled)
        pulse.note(.init(job: "j", run: run(1), processorTicks: 9), at: .seconds(26))
        #expect(pulse.silence == .seconds(16) && pulse.idleness == .seconds(6) && pulse.isStalled)
        pulse.note(.init(job: "j", run: run(2), processorTicks: 9), at: .seconds(27))
        #expect(pulse.silence == .zero && !pulse.isStalled)
        pulse.note(.init(job: "j", run: run(2), processorTicks: 20), at: .seconds(86))
        #expect(!pulse.isOverdue && pulse.isStalled)
        pulse.note(.init(job: "j", run: run(2), processorTicks: 21), at: .seconds(87))
        #expect(pulse.isOverdue && !pulse.isStuck)
        pulse.note(.init(job: "j", run: run(2), processorTicks: 21), at: .seconds(117))
        #expect(pulse.isOverdue && pulse.isStuck)
    }
}
