import Examples
import Foundation
import SQLiteStore
import Store
import TestStores
import Testing

@Suite struct StoreFaultTests {
    private let temporary = TemporaryStore()

    private func count(_ table: String, in store: SQLiteStore) throws -> Int? {
        try store.read { connection throws(StoreError) in
            try connection.row("SELECT count(*) AS count FROM \(table)") { $0.int("count") }
        }
    }

    @Test("a submit that fails at its last statement leaves nothing")
    func submitIsAtomic() throws {
        let store = try temporary.open()
        try store.write { connection throws(StoreError) in
            try connection.execute(
                "CREATE TRIGGER fault BEFORE INSERT ON jobs BEGIN SELECT RAISE(ABORT, 'injected'); END"
            )
        }
        #expect(throws: StoreError.self) { try store.submit(job: newJob()) }
        for table in ["jobs", "revisions", "posted_rows", "job_events"] {
            #expect(try count(table, in: store) == 0)
        }
        try store.write { connection throws(StoreError) in
            try connection.execute("DROP TRIGGER fault")
        }
        #expect(try store.submit(job: newJob()).job.state == .queued)
    }

    @Test(
        "a publish that fails anywhere leaves the job running and no version",
        arguments: [
            "INSERT ON models", "INSERT ON versions", "INSERT ON checkpoints", "UPDATE ON models",
            "UPDATE ON jobs", "INSERT ON held_out_answers", "INSERT ON job_events",
            "INSERT ON examples", "INSERT ON revisions", "DELETE ON posted_rows",
            "INSERT ON results",
        ]
    )
    func publishIsAtomic(statement: String) throws {
        let store = try temporary.open()
        let id = try store.submit(job: newJob()).job.id
        let claim = try #require(try store.claim(worker: "w", lease: .seconds(1))).claim
        try store.write { connection throws(StoreError) in
            try connection.execute(
                "CREATE TRIGGER fault AFTER \(statement) BEGIN SELECT RAISE(ABORT, 'injected'); END"
            )
        }
        var result = publication("x")
        result.heldOut = [
            HeldOutAnswer(text: "t", truth: "a", label: "b", score: 0.75, truthScore: 0.25)
        ]
        #expect(throws: StoreError.self) { try store.publish(result, claim: claim) }
        for table in [
            "models", "versions", "checkpoints", "held_out_answers", "examples", "results",
        ] {
            #expect(try count(table, in: store) == 0)
        }
        #expect(try count("posted_rows", in: store) == 2)
        #expect(try store.job(id)?.state == .running)
        try store.write { connection throws(StoreError) in
            try connection.execute("DROP TRIGGER fault")
        }
        #expect(try store.publish(publication("x"), claim: claim).version == 1)
    }

    @Test(
        "a change of a data set that fails anywhere changes nothing",
        arguments: [
            "INSERT ON revisions", "INSERT ON examples", "UPDATE ON examples",
            "DELETE ON posted_rows", "INSERT ON idempotency",
        ]
    )
    func changeIsAtomic(statement: String) throws {
        let store = try temporary.open()
        try train("1", on: store)
        var waiting = newJob()
        waiting.mode = .extend
        waiting.examples = [Example(label: "good", text: "b")]
        let id = try store.submit(job: waiting).job.id
        let before = try store.examples(of: "mood", limit: 9)
        let learnt = try store.examples(ofJob: id)
        try store.write { connection throws(StoreError) in
            try connection.execute(
                "CREATE TRIGGER fault AFTER \(statement) BEGIN SELECT RAISE(ABORT, 'injected'); END"
            )
        }
        let change = ExampleChange(
            model: "mood",
            added: [Example(label: "new", text: rows[0].text), Example(label: "a", text: "b")]
        )
        let key = IdempotencyKey(scope: "", key: "k", requestDigest: "d")
        #expect(throws: StoreError.self) {
            try store.changeExamples(change, idempotency: key)
        }
        #expect(try store.examples(of: "mood", limit: 9) == before)
        #expect(try store.examples(ofJob: id) == learnt && learnt.count == 3)
        try store.write { connection throws(StoreError) in
            try connection.execute("DROP TRIGGER fault")
        }
        let done = try store.changeExamples(change, idempotency: key)
        #expect(!done.isReplay && done.change.added == 1 && done.change.relabelled == 1)
    }

    @Test("old versions that cannot be deleted keep the new one from being published")
    func retentionIsAtomic() throws {
        let store = try temporary.open()
        for version in 1...3 { try train("\(version)", on: store) }
        try store.write { connection throws(StoreError) in
            try connection.execute(
                "CREATE TRIGGER fault AFTER DELETE ON versions BEGIN SELECT RAISE(ABORT, 'no'); END"
            )
        }
        let id = try store.submit(job: newJob()).job.id
        let claim = try #require(try store.claim(worker: "w", lease: .seconds(1))).claim
        let result = publication("4", over: 3)
        #expect(throws: StoreError.self) {
            try store.publish(result, claim: claim, keepingVersions: 1)
        }
        #expect(try store.versions(of: "mood").map(\.version) == [3, 2, 1])
        #expect(try store.job(id)?.state == .running && store.model("mood")?.liveVersion == 3)
        try store.write { connection throws(StoreError) in
            try connection.execute("DROP TRIGGER fault")
        }
        #expect(try store.publish(result, claim: claim, keepingVersions: 1).version == 4)
        #expect(try store.versions(of: "mood").map(\.version) == [4, 3])
    }

    @Test("claiming reads no row under the lock that other writers wait for")
    func claimsWithoutReading() throws {
        let store = try temporary.open()
        _ = try store.submit(job: newJob())
        // The writing connection alone finds these in front of the tables, without any text.
        try store.write { connection throws(StoreError) in
            for table in ["examples (model, removed)", "posted_rows (job)"] {
                let columns = table.drop { $0 != "(" }.dropFirst().dropLast()
                let name = table.prefix { $0 != " " }
                try connection.execute(
                    "CREATE TEMP VIEW \(table) AS SELECT \(columns) FROM main.\(name)"
                )
            }
        }
        #expect(throws: StoreError.self) { try store.submit(job: newJob()) }
        let claimed = try #require(try store.claim(worker: "w", lease: .seconds(1)))
        #expect(claimed.examples == rows && claimed.job.rowCount == 2)
    }

    @Test("a job whose rows cannot be read goes back to the queue")
    func givesBackUnreadable() throws {
        let store = try temporary.open()
        let id = try store.submit(job: newJob()).job.id
        let other = try SQLConnection(path: store.path, purpose: .readWrite)
        try other.execute("ALTER TABLE golden RENAME TO hidden")
        #expect(throws: StoreError.self) { try store.claim(worker: "w", lease: .seconds(1)) }
        let job = try #require(try store.job(id))
        #expect(job.state == .queued && job.attempt == 1 && job.attemptsGivenBack == 1)
        #expect(job.revision == nil && job.reason?.contains("could not be read") == true)
        try other.execute("ALTER TABLE hidden RENAME TO golden")
        #expect(try store.claim(worker: "w", lease: .seconds(1))?.examples == rows)
    }

    @Test("what a training came to is stored once, and goes with the last that has it")
    func storesResultsOnce() throws {
        let store = try temporary.open()
        let id = try store.submit(job: newJob()).job.id
        let claim = try #require(try store.claim(worker: "w", lease: .seconds(1))).claim
        var result = publication("x", isPromoted: false)
        result.report = Array("{}".utf8)
        _ = try store.publish(result, claim: claim)
        #expect(try count("results", in: store) == 1)
        try store.deleteVersion(model: "mood", version: 1)
        #expect(try store.report(ofJob: id) == result.report)
        #expect(try store.job(id)?.metrics == result.metrics)
        try store.deleteModel("mood")
        #expect(try count("results", in: store) == 0)
    }

    @Test("a full disk is said, nothing is kept, and the next try succeeds")
    func survivesFullDisk() throws {
        let store = try temporary.open()
        try store.write { connection throws(StoreError) in
            // SQLite's own limit gives the same code as a full disk.
            _ = try connection.row("PRAGMA max_page_count = 30") { $0.int("max_page_count") }
        }
        var large = newJob()
        large.examples = (0..<2_000).map {
            Example(label: $0 == 0 ? "a" : "b", text: "some words to fill pages \($0)")
        }
        #expect(throws: StoreError.diskFull) { try store.submit(job: large) }
        #expect(try count("posted_rows", in: store) == 0 && count("jobs", in: store) == 0)
        #expect(store.writeTrouble == .diskFull)
        let other = try temporary.open()
        let before = try other.changeMark()
        // Even what changes no row is written now: it must not build on what a crash may undo.
        try store.write { connection throws(StoreError) in
            _ = try connection.row("PRAGMA max_page_count = 1073741823") {
                $0.int("max_page_count")
            }
        }
        #expect(store.writeTrouble == nil)
        let after = try other.changeMark()
        #expect(after != before)
        try store.tryWriting()
        #expect(try other.changeMark() == after, "there was no reason to write")
        #expect(try store.submit(job: large).job.rowCount == 2_000)
    }

    @Test("a copy of the directory has everything, log included, also of a store that is open")
    func copies() throws {
        let store = try temporary.open()
        try train("one", on: store)
        let waiting = try store.submit(job: newJob()).job
        let copy = TemporaryStore()
        try FileManager.default.copyItem(atPath: temporary.directory, toPath: copy.directory)
        let log = try FileManager.default.attributesOfItem(
            atPath: copy.directory + "/elman.sqlite-wal"
        )
        #expect((log[.size] as? Int ?? 0) > 0)
        let other = try copy.open()
        #expect(try other.job(waiting.id)?.state == .queued)
        #expect(try other.examples(ofJob: waiting.id) == rows)
        #expect(try other.liveVersions() == store.liveVersions())
    }

    @Test("a store that cannot be written is said")
    func survivesReadOnly() throws {
        let store = try temporary.open()
        try store.write { connection throws(StoreError) in
            try connection.execute("PRAGMA query_only = ON")
        }
        #expect(throws: StoreError.readOnly) { try store.submit(job: newJob()) }
        #expect(try store.jobs(limit: 1).isEmpty)
    }

    @Test("a directory that cannot be made or used is refused in a sentence")
    func refusesUnusableDirectories() throws {
        let file = temporary.directory
        #expect(FileManager.default.createFile(atPath: file, contents: nil))
        for directory in ["/proc/elman", file, file + "/below", "/nowhere/at/all"] {
            let error = #expect(throws: StoreError.self) { try SQLiteStore(directory: directory) }
            #expect(
                error?.description.contains("\(directory)/elman.sqlite cannot be opened") == true
            )
        }
    }

    @Test("a file that is no database, or a damaged one, is refused", arguments: [false, true])
    func refusesCorruptFiles(isDatabase: Bool) throws {
        if isDatabase { _ = try temporary.open() }
        let path = temporary.directory + "/elman.sqlite"
        try FileManager.default.createDirectory(
            atPath: temporary.directory,
            withIntermediateDirectories: true
        )
        var bytes = (try? Data(contentsOf: URL(fileURLWithPath: path))) ?? Data()
        bytes.replaceSubrange(0..<min(bytes.count, 4096), with: Data(repeating: 0x5A, count: 4096))
        try bytes.write(to: URL(fileURLWithPath: path))
        #expect(throws: StoreError.corrupt(place: path)) { try temporary.open() }
    }

    @Test("the database of a newer Elman, or of something else, is refused and not touched")
    func refusesForeignDatabases() throws {
        var store: SQLiteStore? = try temporary.open()
        try store?.write { connection throws(StoreError) in
            try connection.execute("PRAGMA user_version = 99")
        }
        store = nil
        let newer = #expect(throws: StoreError.self) { try temporary.open() }
        guard case .newerSchema(found: 99, _) = newer else {
            Issue.record("expected a newer schema, got \(String(describing: newer))")
            return
        }
        let other = TemporaryStore()
        try FileManager.default.createDirectory(
            atPath: other.directory,
            withIntermediateDirectories: true
        )
        let path = other.directory + "/elman.sqlite"
        try SQLConnection(path: path, purpose: .readWrite).execute("CREATE TABLE theirs (x)")
        #expect(throws: StoreError.notAStore(place: path)) { try other.open() }
    }

    @Test("a lock that is held too long is said; readers and the poll do not wait for it")
    func limitsWaiting() throws {
        let store = try temporary.open(busyTimeout: .milliseconds(50))
        let other = try SQLConnection(path: store.path, purpose: .readWrite)
        try other.execute("BEGIN IMMEDIATE")
        #expect(throws: StoreError.busy) { try store.submit(job: newJob()) }
        #expect(try store.jobs(limit: 1).isEmpty)
        _ = try store.changeMark()
        try other.execute("COMMIT")
        #expect(try store.submit(job: newJob()).job.state == .queued)
    }

    @Test("the store is readable by its owner only")
    func keepsTextsPrivate() throws {
        let store = try temporary.open()
        _ = try store.submit(job: newJob())
        for name in ["elman.sqlite", "elman.sqlite-wal"] {
            let path = temporary.directory + "/" + name
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
        }
    }

    @Test(
        "what was acknowledged is there when the store is opened again without having been closed"
    )
    func survivesCrashes() throws {
        let store = try temporary.open()
        let id = try store.submit(job: newJob()).job.id
        // The files as a crash would leave them: the log not yet in the database.
        let copy = TemporaryStore()
        try FileManager.default.copyItem(atPath: temporary.directory, toPath: copy.directory)
        #expect(try copy.open().job(id)?.state == .queued)
    }

    /// Decides again as often as another worker's version becomes live in between.
    private func publish(_ claimed: ClaimedJob, on store: SQLiteStore) throws {
        while true {
            let live = try store.decisionGround(of: claimed.job.model).live?.version
            do {
                let result = publication(claimed.job.id, over: live)
                _ = try store.publish(result, claim: claimed.claim)
                return
            } catch StoreError.decisionOutdated { continue }
        }
    }

    @Test("two stores on one directory work at the same time, and each job is done once")
    func worksInParallel() async throws {
        let jobs = 40
        _ = try temporary.open()
        let done = try await withThrowingTaskGroup(of: [String].self) { group in
            group.addTask {
                let server = try temporary.open()
                for _ in 0..<jobs { _ = try server.submit(job: newJob()) }
                return []
            }
            for worker in 0..<2 {
                group.addTask {
                    let trainer = try temporary.open()
                    var done: [String] = []
                    let deadline = ContinuousClock.now + .seconds(60)
                    while ContinuousClock.now < deadline {
                        guard
                            let claimed = try trainer.claim(
                                worker: "w\(worker)",
                                lease: .seconds(60)
                            )
                        else {
                            if try trainer.jobCounts() == [.succeeded: jobs] { break }
                            try await Task.sleep(for: .milliseconds(1))
                            continue
                        }
                        _ = try trainer.report(
                            JobProgress(epoch: 1, epochs: 1),
                            claim: claimed.claim
                        )
                        try publish(claimed, on: trainer)
                        done.append(claimed.job.id)
                    }
                    return done
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(done.count == jobs && Set(done).count == jobs)
        let store = try temporary.open()
        let newest = (jobs - Retention.versions + 1...jobs).reversed()
        #expect(try store.versions(of: "mood").map(\.version) == Array(newest))
        #expect(try store.model("mood")?.liveVersion == jobs)
    }
}
