import Examples
import Foundation
import SQLStore
import SQLiteStore
import Store
import TestStores
import Testing

@Suite struct SQLiteFaultTests {
    private let temporary = SQLitePlace()

    private func count(_ table: String, in store: SQLiteStore) throws -> Int? {
        try store.read { connection throws(StoreError) in
            try connection.row("SELECT count(*) AS count FROM \(table)") { $0.int("count") }
        }
    }

    @Test("claiming reads no row under the lock that other writers wait for")
    func claimsWithoutReading() throws {
        let store = try temporary.openDatabase()
        _ = try store.submit(job: newJob())
        // The writing connection alone finds these in front of the tables, without any text.
        try store.write(locks: [], isDurable: true) { connection throws(StoreError) in
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

    @Test("a row that comes between a claim and the reading of its rows is not learnt")
    func readsRowsOfTheClaim() throws {
        let store = try temporary.openDatabase()
        let id = try store.submit(job: newJob()).job.id
        try store.write(locks: [], isDurable: true) { connection throws(StoreError) in
            try connection.execute(
                """
                CREATE TRIGGER late AFTER INSERT ON job_events WHEN new.state = 'running' BEGIN
                    INSERT INTO revisions (model, created_at) VALUES ('mood', 0);
                    INSERT INTO examples (model, label, text, source, created_at, arrived, added)
                        SELECT 'mood', 'good', 'late', 'feedback', 0, max(id), max(id)
                        FROM revisions;
                END
                """
            )
        }
        let claimed = try #require(try store.claim(worker: "w", lease: .seconds(1)))
        #expect(claimed.examples == rows && claimed.job.rowCount == 2)
        let version = try store.publish(publication("x"), claim: claimed.claim).version
        #expect(try store.examples(of: "mood", version) == rows)
        #expect(try store.examples(of: "mood", limit: 9)?.rows.count == 3)
        #expect(try store.examples(ofJob: id) == rows)
    }

    @Test("a job whose rows cannot be read goes back to the queue")
    func givesBackUnreadable() throws {
        let store = try temporary.openDatabase()
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
        let store = try temporary.openDatabase()
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
        let store = try temporary.openDatabase()
        try store.write(locks: [], isDurable: true) { connection throws(StoreError) in
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
        let other = try temporary.openDatabase()
        let before = try other.changeMark()
        // Even what changes no row is written now: it must not build on what a crash may undo.
        try store.write(locks: [], isDurable: true) { connection throws(StoreError) in
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
        let store = try temporary.openDatabase()
        try train("one", on: store)
        let waiting = try store.submit(job: newJob()).job
        let copy = SQLitePlace()
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
        let store = try temporary.openDatabase()
        try store.write(locks: [], isDurable: true) { connection throws(StoreError) in
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
        if isDatabase { _ = try temporary.openDatabase() }
        let path = temporary.directory + "/elman.sqlite"
        try FileManager.default.createDirectory(
            atPath: temporary.directory,
            withIntermediateDirectories: true
        )
        var bytes = (try? Data(contentsOf: URL(fileURLWithPath: path))) ?? Data()
        bytes.replaceSubrange(0..<min(bytes.count, 4096), with: Data(repeating: 0x5A, count: 4096))
        try bytes.write(to: URL(fileURLWithPath: path))
        #expect(throws: StoreError.corrupt(place: path)) { try temporary.openDatabase() }
    }

    @Test("the database of a newer Elman, or of something else, is refused and not touched")
    func refusesForeignDatabases() throws {
        var store: SQLiteStore? = try temporary.openDatabase()
        try store?.write(locks: [], isDurable: true) { connection throws(StoreError) in
            try connection.execute("PRAGMA user_version = 99")
        }
        store = nil
        let newer = #expect(throws: StoreError.self) { try temporary.openDatabase() }
        guard case .newerSchema(found: 99, _) = newer else {
            Issue.record("expected a newer schema, got \(String(describing: newer))")
            return
        }
        let other = SQLitePlace()
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
        let store = try temporary.openDatabase(busyTimeout: .milliseconds(50))
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
        let store = try temporary.openDatabase()
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
        let store = try temporary.openDatabase()
        let id = try store.submit(job: newJob()).job.id
        // The files as a crash would leave them: the log not yet in the database.
        let copy = SQLitePlace()
        try FileManager.default.copyItem(atPath: temporary.directory, toPath: copy.directory)
        #expect(try copy.open().job(id)?.state == .queued)
    }
}
