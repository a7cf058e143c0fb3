import Examples
import Foundation
import SQLStore
import SQLiteStore
import Store
import TestStores
import Testing

/// Stores of older schemas, made by the statements that made them then.
@Suite struct MigrationTests {
    private let temporary = SQLitePlace()

    /// A store of schema 1 with two jobs of one model, one of another, and a version.
    private func makeFirstSchema() throws -> String {
        try FileManager.default.createDirectory(
            atPath: temporary.directory,
            withIntermediateDirectories: true
        )
        let path = temporary.directory + "/elman.sqlite"
        let connection = try SQLConnection(path: path, purpose: .readWrite)
        try connection.execute(Schema.steps[0])
        try connection.execute(
            """
            PRAGMA application_id = \(Schema.applicationID); PRAGMA user_version = 1;
            INSERT INTO models VALUES (1, 'mood', 1, 'job', 2, 5);
            INSERT INTO versions VALUES
                (1, 1, 'd', 3, 'job', 'job-a', NULL, 'digest 1', x'7b7d', 'why', 6);
            INSERT INTO checkpoints VALUES (1, 1, 1, x'616263');
            INSERT INTO datasets VALUES (1, 'digest 1', 2, 1), (2, 'digest 2', 1, 2),
                (3, 'digest 3', 2, 3);
            INSERT INTO examples (dataset, label, text) VALUES (1, 'good', 'one'),
                (1, 'bad', 'two'), (2, 'x', 'other'), (3, 'good', 'three'), (3, 'bad', 'two');
            INSERT INTO jobs (id, model, dataset, options, promotion, state, attempt, version,
                promoted, reason, metrics, created_at, started_at, finished_at, epoch, epochs, loss)
                VALUES ('job-a', 'mood', 1, x'7b7d', 'always', 'succeeded', 1, 1, 1, 'why', x'7b7d',
                    1, 2, 3, 4, 5, 0.5);
            INSERT INTO jobs (id, model, dataset, options, promotion, state, created_at) VALUES
                ('job-b', 'other', 2, x'7b7d', 'never', 'queued', 2),
                ('job-c', 'mood', 3, x'7b7d', 'always', 'queued', 3);
            """
        )
        return path
    }

    @Test("rows and golden cases of older schemas get the form that look-ups use")
    func givesTextForm() throws {
        let path = try makeFirstSchema()
        do {
            let connection = try SQLConnection(path: path, purpose: .readWrite)
            try connection.execute(
                """
                INSERT INTO examples (dataset, label, text) VALUES
                    (3, 'gru\u{308}n\u{A0}', 'cafe\u{301}'), (3, 'a\u{202E}b', 'plain');
                """
            )
            try connection.execute(Schema.steps[1])
            try connection.execute(
                """
                PRAGMA user_version = 2;
                INSERT INTO golden (model, position, text, label)
                    VALUES ('mood', 0, 'e\u{301}', 'gru\u{308}n');
                """
            )
        }
        let store = try temporary.openDatabase()
        let rows = try #require(try store.examples(of: "mood", limit: 10)).rows.map(\.example)
        let bytes = rows.suffix(2).map { Array(($0.label + ": " + $0.text).utf8) }
        #expect(bytes == ["gr\u{FC}n: caf\u{E9}", "a\u{202E}b: plain"].map { Array($0.utf8) })
        let golden = try #require(try store.golden(of: "mood").cases.first)
        #expect(Array(golden.text.utf8) == Array("\u{E9}".utf8))
        #expect(Array(golden.label.utf8) == Array("gr\u{FC}n".utf8))
    }

    @Test("jobs of schema 1, their rows and versions are there afterwards")
    func keepsJobs() throws {
        _ = try makeFirstSchema()
        let store = try temporary.openDatabase()
        let first = try #require(try store.job("job-a"))
        #expect(first.state == .succeeded && first.version == 1 && first.isPromoted == true)
        #expect(first.rowCount == 2 && first.dataDigest == "digest 1" && first.mayPromote)
        #expect(first.progress == JobProgress(epoch: 4, epochs: 5, loss: 0.5))
        let rows = try ["job-a", "job-b", "job-c"].map { try store.examples(ofJob: $0) }
        #expect(
            rows == [
                [Example(label: "good", text: "one"), Example(label: "bad", text: "two")],
                [Example(label: "x", text: "other")],
                [Example(label: "good", text: "three"), Example(label: "bad", text: "two")],
            ]
        )
        let version = try #require(try store.version("mood", 1))
        #expect(version.isLive && !version.isPinned && version.options == Array("{}".utf8))
        #expect(try store.checkpointBytes("mood", 1) == Array("abc".utf8))
        // The queue goes on where it was, and numbers are not used again.
        #expect(try store.claim(worker: "w", lease: .seconds(1))?.job.id == "job-b")
        #expect(try store.claim(worker: "w", lease: .seconds(1))?.examples == rows[2])
        #expect(try store.submit(job: newJob("new")).job.revision == nil)
        let claimed = try #require(try store.claim(worker: "w", lease: .seconds(1)))
        #expect(claimed.job.model == "new" && claimed.job.revision == 5)
        #expect(try store.jobs(limit: 9).count == 4)
    }

    /// A store of schema 2, as its Elman left it: data set, corrections, jobs that wait and run.
    private func makeSecondSchema() throws {
        let path = try makeFirstSchema()
        let connection = try SQLConnection(path: path, purpose: .readWrite)
        try connection.execute(Schema.steps[1])
        try connection.execute(
            """
            PRAGMA user_version = 2;
            INSERT INTO revisions (id, model, actor, created_at) VALUES (7, 'mood', 'ann', 70),
                (8, 'mood', 'bob', 80);
            INSERT INTO examples (id, model, label, text, source, added, removed) VALUES
                (90, 'mood', 'good', 'corrected', 'feedback', 7, NULL),
                (91, 'mood', 'bad', 'brought', 'examples', 7, 8),
                (99, 'mood', 'bad', 'gone', 'examples', 8, NULL);
            DELETE FROM examples WHERE id = 99;
            INSERT INTO jobs (id, model, revision, row_count, data_digest, options, promotion,
                    state, attempt, worker, heartbeat, lease_milliseconds, stage, created_at)
                VALUES ('job-d', 'mood', 8, 3, 'digest 4', x'7b7d', 'if_better', 'running', 1, 'w',
                    1, 1000, 'training', 9);
            INSERT INTO job_events (job, number, state, attempt) VALUES ('job-d', 1, 'queued', 0),
                ('job-d', 2, 'running', 1), ('job-a', 1, 'queued', 0);
            INSERT INTO idempotency (scope, key, request_digest, body)
                VALUES ('', 'k', 'd', CAST('1 0 0 0 8 3' AS BLOB));
            """
        )
    }

    @Test("rows, jobs and answers of schema 2 are there afterwards, with their origin")
    func keepsDataSets() throws {
        try makeSecondSchema()
        let store = try temporary.openDatabase()
        let page = try #require(try store.examples(of: "mood", limit: 9))
        #expect(page.rows.map(\.example.text) == ["three", "two", "corrected"])
        #expect(page.rows.map(\.source) == [.train, .train, .feedback])
        #expect(page.rows.last?.actor == "ann" && page.rows.last?.addedAt == 70)
        let imported = try store.read { connection throws(StoreError) in
            try connection.row("SELECT source FROM examples WHERE id = 91") { $0.text("source") }
        }
        #expect(imported == "import")
        #expect(try store.events(ofJob: "job-d").map(\.state) == [.queued, .running])
        let key = IdempotencyKey(scope: "", key: "k", requestDigest: "d")
        let change = ExampleChange(model: "mood")
        #expect(try store.changeExamples(change, idempotency: key).rowCount == 3)
        // The job that ran goes on with the rows that it has.
        let running = try #require(try store.job("job-d"))
        #expect(running.revision == 8 && running.mode == .extend && running.change == nil)
        let trained = try store.examples(ofJob: "job-d").map(\.text)
        #expect(trained == ["three", "two", "corrected"])
        try store.releaseJobs(ofWorker: "w", reason: "r")
        let claims = try (0..<3).map { _ in
            let claimed = try #require(try store.claim(worker: "w", lease: .seconds(9)))
            _ = try store.publish(
                publication(
                    claimed.job.id,
                    isPromoted: claimed.job.promotion != .never,
                    over: claimed.live?.version
                ),
                claim: claimed.claim
            )
            return claimed
        }
        #expect(claims.map(\.job.id) == ["job-b", "job-c", "job-d"])
        #expect(claims.last?.examples.map(\.text) == trained)
        #expect(try store.examples(of: "mood", limit: 9) == page)
        // The number of a row that is gone is not used again.
        let added = ExampleChange(model: "mood", added: [Example(label: "a", text: "new")])
        _ = try store.changeExamples(added)
        #expect(try store.examples(of: "mood", limit: 9)?.rows.last?.id == 100)
    }

    /// A store of schema 4: a version and its job, a job whose version is gone, a failed one.
    private func makeFourthSchema() throws {
        try makeSecondSchema()
        let path = temporary.directory + "/elman.sqlite"
        let connection = try SQLConnection(path: path, purpose: .readWrite)
        for step in Schema.steps[2..<4] { try connection.execute(step) }
        try connection.execute(
            """
            PRAGMA user_version = 4;
            UPDATE versions SET metrics = CAST('m1' AS BLOB), report = CAST('r1' AS BLOB);
            UPDATE jobs SET metrics = CAST('m1' AS BLOB), report = CAST('r1' AS BLOB)
                WHERE id = 'job-a';
            INSERT INTO versions (model, number, digest, byte_count, origin, metrics, reason,
                    created_at) VALUES (1, 2, 'd', 1, 'file', CAST('m2' AS BLOB), 'why', 6);
            UPDATE models SET next_version = 3;
            UPDATE jobs SET state = 'succeeded', version = 9, metrics = CAST('m9' AS BLOB),
                report = CAST('r9' AS BLOB) WHERE id = 'job-b';
            UPDATE jobs SET state = 'failed', report = CAST('r' AS BLOB) WHERE id = 'job-c';
            """
        )
    }

    @Test("what schema 4 stored twice is stored once and reads as before")
    func sharesResults() throws {
        try makeFourthSchema()
        let store = try temporary.openDatabase()
        func text(_ bytes: [UInt8]?) -> String? {
            bytes.map { String(decoding: $0, as: UTF8.self) }
        }
        let jobs = ["job-a", "job-b", "job-c", "job-d"]
        #expect(try jobs.map { text(try store.job($0)?.metrics) } == ["m1", "m9", nil, nil])
        #expect(try jobs.map { text(try store.report(ofJob: $0)) } == ["r1", "r9", "r", nil])
        #expect(try store.versions(of: "mood").map { text($0.metrics) } == ["m2", "m1"])
        #expect(try [1, 2].map { text(try store.report(of: "mood", $0)) } == ["r1", nil])
        let count = try store.read { connection throws(StoreError) in
            try connection.row("SELECT count(*) AS count FROM results") { $0.int("count") }
        }
        #expect(count == 4)
        // The next result gets a place of its own, and the rows that are left keep theirs.
        try store.setLive(model: "mood", version: 2)
        try store.deleteVersion(model: "mood", version: 1)
        #expect(text(try store.report(ofJob: "job-a")) == "r1")
        _ = try store.importFile("file")
        #expect(try store.versions(of: "mood").map { text($0.metrics) } == ["{}", "m2"])
    }

    /// Without comments, quotes of names and white space, which altering a table leaves.
    private static func words(of sql: String) -> String {
        sql.replacing(/--[^\n]*/, with: "").replacing("\"", with: "")
            .replacing(/\s*(?<mark>[(),])\s*/) { String($0.mark) }
            .replacing(/\s+/, with: " ")
    }

    @Test("a store that comes from schema 1 has the tables of a new one")
    func reachesSameSchema() throws {
        func tables(_ store: SQLiteStore) throws -> [String] {
            try store.read { connection throws(StoreError) in
                try connection.rows(
                    "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name"
                ) { $0.text("name") + ": " + Self.words(of: $0.text("sql")) }
            }
        }
        _ = try makeFirstSchema()
        let new = SQLitePlace()
        #expect(try tables(temporary.openDatabase()) == tables(new.openDatabase()))
    }

    @Test("a migration that fails at any statement leaves schema 1 as it was, and the next works")
    func isAtomic() throws {
        let path = try makeFirstSchema()
        let statements = Schema.steps[1...].joined().split(separator: ";\n").map { $0 + ";\n" }
        #expect(statements.count > 40)
        func dump() throws -> [String] {
            let connection = try SQLConnection(path: path, purpose: .readOnly)
            return try connection.rows("SELECT name FROM sqlite_schema ORDER BY name") {
                $0.text("name")
            }
                + connection.rows("SELECT id || state AS job FROM jobs ORDER BY id") {
                    $0.text("job")
                }
        }
        let before = try dump()
        for count in 1..<statements.count {
            let connection = try SQLConnection(path: path, purpose: .readWrite)
            try connection.execute("BEGIN IMMEDIATE")
            try connection.execute(statements.prefix(count).joined())
            // The connection goes in the middle of its transaction, as in a crash.
        }
        #expect(try dump() == before)
        #expect(try temporary.openDatabase().job("job-a")?.state == .succeeded)
    }
}
