import Examples
import Foundation
import Model
import SQLiteStore
import Store
import TestStores
import Testing

/// Workers that are on their own: who they are, and how they stop.
@Suite struct WorkerTests {
    private let directory: TemporaryDirectory
    private let store: any Store
    private var state: String { directory.path("state") }

    init() throws {
        directory = try TemporaryDirectory()
        store = try SQLiteStore(directory: directory.path("state"))
    }

    /// Rows that the data doctor needs seconds for, without asking whether to go on.
    private static let manyRows = (0..<30_000).map { row in
        let words = (0..<12).map { "w\((row * 7919 + $0 * 104_729) % 20_011)" }
        return Example(label: "l\(row % 50)", text: words.joined(separator: " ") + " \(row)")
    }

    private static let fewRows = (0..<40).map { row in
        Example(label: "\(row % 2)", text: row % 2 == 0 ? "fine \(row)" : "bad \(row)")
    }

    private func submit(_ rows: [Example], epochs: Int = 3, hidden: Int = 16) throws -> String {
        let job = NewJob(
            model: "m",
            options: Array(#"{"recipe":"article","epochs":\#(epochs),"hidden":\#(hidden)}"#.utf8),
            promotion: .always,
            examples: rows,
            mode: .replace
        )
        return try store.submit(job: job).job.id
    }

    private func start(_ arguments: String...) throws -> Trainer.Running {
        try Trainer.Running(["work", "--state", state, "--poll", "0.05"] + arguments)
    }

    private func seconds(_ body: () throws -> Void) rethrows -> Double {
        try ContinuousClock().measure(body) / .seconds(1)
    }

    @Test("a worker says who it is as soon as it starts, and takes itself off the list at its end")
    func signs() throws {
        let running = try start("--threads", "3", "--worker-id", "w-1")
        try running.wait { try !store.workers().isEmpty }
        let record = try #require(try store.workers().first)
        #expect(record.worker.name == "w-1" && record.worker.threads == 3)
        #expect(record.worker.process == Int(running.process.processIdentifier))
        #expect(record.worker.host == ProcessInfo.processInfo.hostName)
        #expect(record.worker.version == elmanVersion)
        #expect(abs(record.worker.startedAt - Int(Date.now.timeIntervalSince1970 * 1000)) < 60_000)
        running.process.terminate()
        #expect(try running.end().status == 0)
        #expect(try store.workers().isEmpty)
    }

    @Test("a worker signs again and again, also while it trains")
    func signsAgain() throws {
        let id = try submit(Self.manyRows, epochs: 1000, hidden: 256)
        let running = try start()
        try running.wait { try store.job(id)?.state == .running }
        let first = try #require(try store.workers().first)
        #expect(first.job?.id == id)
        try running.wait { try store.workers().first?.signedAt != first.signedAt }
        #expect(try store.workers().first?.worker == first.worker)
        running.process.terminate()
        #expect(try running.end().status == 0)
    }

    @Test("SIGTERM gives a job back within two seconds wherever it is, and another can claim it")
    func terminated() throws {
        let id = try submit(Self.manyRows)
        let running = try start()
        try running.wait { try store.job(id)?.stage == "examining" }
        let taken = try seconds {
            running.process.terminate()
            try running.wait { try store.job(id)?.state == .queued }
        }
        #expect(taken < 2)
        let claimed = try #require(try store.claim(worker: "other", lease: .seconds(30)))
        #expect(claimed.job.id == id && claimed.job.attempt - claimed.job.attemptsGivenBack == 1)
        #expect(claimed.job.reason?.contains("told to stop") == true)
        let result = try running.end()
        #expect(result.status == 0, "\(result.messages)")
        #expect(try store.job(id)?.state == .running)
    }

    @Test("a cancelled job stops within two seconds wherever it is, and the worker works on")
    func cancelled() throws {
        let id = try submit(Self.manyRows)
        let running = try start()
        let process = running.process.processIdentifier
        try running.wait { try store.job(id)?.stage == "examining" }
        let name = try store.workers().map(\.worker.name)
        let taken = try seconds {
            _ = try store.requestCancel(id)
            try running.wait { try store.job(id)?.state == .cancelled }
        }
        #expect(taken < 2)
        let next = try submit(Self.fewRows)
        try running.wait { try store.job(next)?.state == .succeeded }
        #expect(try store.workers().map(\.worker.process) == [Int(process)])
        #expect(try store.workers().map(\.worker.name) == name)
        // Signals still reach it.
        running.process.terminate()
        #expect(try running.end().status == 0)
        #expect(try store.job(id)?.version == nil)
    }

    @Test("a worker that begins anew takes back what it held when the store was away")
    func begunAnew() throws {
        let id = try submit(Self.fewRows)
        let held = try #require(try store.claim(worker: "w-1", lease: .seconds(600)))
        #expect(held.job.id == id)
        let running = try start("--begun-anew-as", "w-1")
        try running.wait { try store.job(id)?.state == .succeeded }
        // What was nobody's fault counts as no attempt.
        let job = try #require(try store.job(id))
        #expect(job.attempt == 2 && job.attemptsGivenBack == 1)
        running.process.terminate()
        #expect(try running.end().status == 0)
    }

    @Test("a worker whose job was taken from it stops training and publishes nothing")
    func lost() throws {
        let id = try submit(Self.fewRows, epochs: 100_000, hidden: 256)
        let running = try start("--worker-id", "w-1")
        try running.wait { try store.job(id)?.progress != nil }
        try store.releaseJobs(ofWorker: "w-1", reason: "a test says so")
        let claimed = try #require(try store.claim(worker: "w-2", lease: .seconds(600)))
        #expect(claimed.job.attempt == 2)
        try running.wait { running.messages.contains("no longer this worker's") }
        #expect(try store.job(id)?.attempt == 2)
        #expect(try store.job(id)?.state == .running)
        #expect(try store.versions(of: "m").isEmpty)
        running.process.terminate()
        #expect(try running.end().status == 0)
        #expect(try store.job(id)?.state == .running)
    }

    @Test("a worker that slept past its lease writes nothing over the one that came after it")
    func zombie() throws {
        let id = try submit(Self.fewRows, epochs: 100_000, hidden: 64)
        let running = try start("--worker-id", "w-1", "--lease", "1")
        try running.wait { try store.job(id)?.progress != nil }
        kill(running.process.processIdentifier, SIGSTOP)
        try running.wait { try store.reclaimSilentJobs().map(\.id) == [id] }
        let claimed = try #require(try store.claim(worker: "w-2", lease: .seconds(600)))
        let publication = Publication(
            checkpoint: Array("of the second".utf8),
            digest: "d",
            metrics: Array("{}".utf8),
            decision: Decision(
                isPromoted: true,
                reason: "a test says so",
                comparedWith: nil,
                goldenRevision: 0
            )
        )
        _ = try store.publish(publication, claim: claimed.claim)
        kill(running.process.processIdentifier, SIGCONT)
        try running.wait { running.messages.contains("no longer this worker's") }
        running.process.terminate()
        #expect(try running.end().status == 0)
        #expect(try store.versions(of: "m").map(\.version) == [1])
        #expect(try store.checkpointBytes("m", 1) == Array("of the second".utf8))
        #expect(try store.job(id)?.attempt == 2)
    }

    @Test("the default number of threads is that of the processors that the worker may use")
    func processors() throws {
        let id = try submit(Self.fewRows)
        let bound = Process()
        bound.executableURL = URL(filePath: "/usr/bin/taskset")
        let work = ["work", "--state", state, "--until-idle"]
        bound.arguments = ["--cpu-list", "0", Trainer.program.path] + work
        let messages = Pipe()
        bound.standardError = messages
        bound.standardInput = FileHandle.nullDevice
        try bound.run()
        let text = messages.fileHandleForReading.readDataToEndOfFile()
        bound.waitUntilExit()
        #expect(String(decoding: text, as: UTF8.self).contains("for m, threads: 1\n"))
        #expect(try store.job(id)?.state == .succeeded)
    }
}
