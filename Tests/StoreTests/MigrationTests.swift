import Examples
import Foundation
import Store
import Testing

/// Stores of older schemas, made by the statements that made them then.
@Suite struct MigrationTests {
    private let temporary = TemporaryStore()

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

    @Test("jobs of schema 1, their rows and versions are there afterwards")
    func keepsJobs() throws {
        _ = try makeFirstSchema()
        let store = try temporary.open()
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
        #expect(try store.submit(job: newJob()).job.revision == 4)
        #expect(try store.jobs(limit: 9).count == 4)
    }

    @Test("a store that comes from schema 1 has the tables of a new one")
    func reachesSameSchema() throws {
        func tables(_ store: Store) throws -> [String] {
            try store.read { connection throws(StoreError) in
                try connection.rows(
                    "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name"
                ) { $0.text(0) + ": " + $0.text(1) }
            }
        }
        _ = try makeFirstSchema()
        let new = TemporaryStore()
        #expect(try tables(temporary.open()) == tables(new.open()))
    }

    @Test("a migration that fails at any statement leaves schema 1 as it was, and the next works")
    func isAtomic() throws {
        let path = try makeFirstSchema()
        let statements = Schema.steps[1].split(separator: ";\n").map { $0 + ";\n" }
        #expect(statements.count > 20)
        func dump() throws -> [String] {
            let connection = try SQLConnection(path: path, purpose: .readOnly)
            return try connection.rows("SELECT name FROM sqlite_schema ORDER BY name") {
                $0.text(0)
            }
                + connection.rows("SELECT id || state FROM jobs ORDER BY id") { $0.text(0) }
        }
        let before = try dump()
        for count in 1..<statements.count {
            let connection = try SQLConnection(path: path, purpose: .readWrite)
            try connection.execute("BEGIN IMMEDIATE")
            try connection.execute(statements.prefix(count).joined())
            // The connection goes in the middle of its transaction, as in a crash.
        }
        #expect(try dump() == before)
        #expect(try temporary.open().job("job-a")?.state == .succeeded)
    }
}
