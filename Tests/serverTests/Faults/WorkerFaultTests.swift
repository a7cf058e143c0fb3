import Examples
import Foundation
import HTTPTestClient
import SQLiteStore
import Store
import Testing

/// A worker of its own whose store goes away.
@Suite(
    .serialized,
    .enabled(
        if: FailingDisk.obstacle == nil,
        "needs strace and the right to use it (\(FailingDisk.obstacle ?? ""))"
    )
)
struct WorkerFaultTests {
    private let directory: TestDirectory
    private let store: any Store

    init() throws {
        directory = try TestDirectory()
        store = try SQLiteStore(directory: directory.path + "/state")
    }

    private func submit(epochs: Int) throws -> String {
        let examples = (0..<40).map { row in
            Example(label: "\(row % 2)", text: row % 2 == 0 ? "fine \(row)" : "bad \(row)")
        }
        let options = #"{"recipe":"article","epochs":\#(epochs),"hidden":64}"#
        let job = NewJob(
            model: "m",
            options: Array(options.utf8),
            promotion: .always,
            examples: examples,
            mode: .replace
        )
        let limits = QueueLimits()
        return try store.submit(job: job, limits: limits, maximumRows: .max, idempotency: nil).job
            .id
    }

    /// Starts a worker; what it says goes to a file.
    private func start() throws -> (process: Process, messages: () -> String) {
        let process = Process()
        process.executableURL = try program("trainer")
        process.arguments = [
            "work", "--state", directory.path + "/state", "--lease", "2", "--poll", "0.05",
        ]
        let file = directory.path + "/messages"
        _ = FileManager.default.createFile(atPath: file, contents: nil)
        process.standardError = FileHandle(forWritingAtPath: file)
        process.standardInput = FileHandle.nullDevice
        try process.run()
        return (process, { (try? String(contentsOfFile: file, encoding: .utf8)) ?? "" })
    }

    @Test("a worker whose store is away for its lease gives up, and works on when it is back")
    func outage() throws {
        let id = try submit(epochs: 100_000)
        let (worker, messages) = try start()
        defer {
            kill(worker.processIdentifier, SIGKILL)
            worker.waitUntilExit()
        }
        try wait("progress") { try store.job(id)?.progress != nil }
        let disk = try FailingDisk(
            directory,
            worker.processIdentifier,
            call: "pwrite64",
            error: "EIO"
        )
        try wait("the end of training") { messages().contains("input or output error") }
        let heartbeat = try store.unfinishedJobs().first?.run?.heartbeat
        // It trains no more: two looks see the same, and it takes no time worth the name.
        let before = processorTicks(worker.processIdentifier)
        usleep(1_500_000)
        #expect(processorTicks(worker.processIdentifier) - before < 50)
        #expect(try store.unfinishedJobs().first?.run?.heartbeat == heartbeat)
        #expect(worker.isRunning)
        disk.mend()
        // It gives the job back and takes it again, which costs the job no attempt.
        try wait("the second attempt") {
            let job = try store.job(id)
            return job?.attempt == 2 && job?.progress != nil
        }
        #expect(try store.job(id)?.attemptsGivenBack == 1)
        #expect(messages().contains("the store answers again"))
        _ = try store.requestCancel(id)
        let next = try submit(epochs: 5)
        try wait("the next job") { try store.job(next)?.state == .succeeded }
        #expect(try store.versions(of: "m", number: nil).count == 1)
        kill(worker.processIdentifier, SIGTERM)
        worker.waitUntilExit()
        #expect(worker.terminationStatus == 0)
    }

    @Test("a store that is away for less than the lease costs the training nothing")
    func shortOutage() throws {
        let id = try submit(epochs: 100_000)
        let (worker, messages) = try start()
        defer {
            kill(worker.processIdentifier, SIGKILL)
            worker.waitUntilExit()
        }
        try wait("progress") { try store.job(id)?.progress != nil }
        let disk = try FailingDisk(
            directory,
            worker.processIdentifier,
            call: "pwrite64",
            error: "EIO"
        )
        usleep(600_000)
        disk.mend()
        let epoch = try store.job(id)?.progress?.epoch ?? 0
        try wait("more epochs") { try store.job(id)?.progress?.epoch ?? 0 > epoch }
        #expect(try store.job(id)?.attempt == 1)
        #expect(!messages().contains("error"), "\(messages())")
    }

    /// The CPU time that a process has taken, in hundredths of a second.
    private func processorTicks(_ process: pid_t) -> Int {
        let text = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
        let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 12 else { return -1 }
        return (Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0)
    }
}
