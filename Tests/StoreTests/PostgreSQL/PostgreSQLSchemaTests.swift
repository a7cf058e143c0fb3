import PostgreSQLStore
import SQLStore
import Store
import TestStores
import Testing

@Suite struct PostgreSQLSchemaTests {
    /// Everything in a schema, as PostgreSQL's catalogue has it.
    private func structure(of place: PostgreSQLPlace) throws -> [String] {
        try place.connect().rows(
            """
            SELECT concat_ws(' ', table_name, column_name, ordinal_position, data_type, is_nullable,
                column_default, is_identity) AS line
            FROM information_schema.columns WHERE table_schema = ?1
            UNION ALL SELECT replace(indexdef, ?1, '') FROM pg_indexes WHERE schemaname = ?1
            UNION ALL SELECT concat_ws(' ', conname, pg_get_constraintdef(oid)) FROM pg_constraint
                WHERE connamespace = (SELECT oid FROM pg_namespace WHERE nspname = ?1)
            ORDER BY line
            """,
            .text(place.schema)
        ) { $0.text("line") }
    }

    @Test("a migration that is killed behind any statement is done whole by the next")
    func killed() throws {
        let whole = try PostgreSQLPlace()
        _ = try whole.open()
        let expected = try structure(of: whole)
        #expect(expected.count > 100)
        let count = PostgreSQLSchema.steps.flatMap(\.statements).count
        let place = try PostgreSQLPlace()
        let killer = try place.connect()
        for statement in 1...count {
            let victim = try place.connect()
            let process = try victim.row("SELECT pg_backend_pid() AS pid") { $0.int("pid") }
            #expect(throws: StoreError.self) {
                try PostgreSQLSchema.migrate(victim) { done throws(StoreError) in
                    guard done == statement else { return }
                    try killer.run("SELECT pg_terminate_backend(CAST(? AS int))", .integer(process))
                }
            }
            #expect(try structure(of: place).isEmpty)
        }
        try PostgreSQLSchema.migrate(try place.connect())
        #expect(try structure(of: place) == expected)
    }

    @Test("of handles that open an empty database at once all get the same tables")
    func atTheSameTime() throws {
        let place = try PostgreSQLPlace()
        let stores = atOnce((0..<8).map { _ in { () throws -> any Store in try place.open() } })
        for store in stores { _ = try store.get().submit(job: newJob()) }
        #expect(try place.open().jobCounts() == [.queued: 8])
    }

    @Test("a release goes on while the next one has added to its tables, and with them afterwards")
    func rollingUpdate() throws {
        let place = try PostgreSQLPlace()
        let old = try place.open()
        let first = try old.submit(job: newJob()).job.id
        // The next release: a column that this one does not know.
        let expanding = PostgreSQLSchema.Step(
            statements: ["ALTER TABLE jobs ADD COLUMN priority bigint NOT NULL DEFAULT 0"],
            oldest: 1
        )
        let steps = PostgreSQLSchema.steps + [expanding]
        try PostgreSQLSchema.migrate(try place.connect(), steps: steps)
        let second = try old.submit(job: newJob()).job.id
        let restarted = try place.open()
        #expect(try restarted.jobs(limit: 9).map(\.id) == [second, first])
        #expect(try restarted.claim(worker: "w", lease: .seconds(9))?.job.id == first)
        // The release after that takes away what this one needs.
        let contracting = PostgreSQLSchema.Step(
            statements: ["ALTER TABLE jobs DROP COLUMN turn"],
            oldest: PostgreSQLSchema.steps.count + 1
        )
        try PostgreSQLSchema.migrate(try place.connect(), steps: steps + [contracting])
        let count = PostgreSQLSchema.steps.count
        #expect(throws: StoreError.newerSchema(found: count + 2, supported: count)) {
            try place.open()
        }
    }

    @Test("tables of something else are not touched")
    func foreignTables() throws {
        let place = try PostgreSQLPlace()
        try place.connect().run("CREATE TABLE jobs (id text)")
        let before = try structure(of: place)
        let error = #expect(throws: StoreError.self) { try place.open() }
        guard case .notAStore(let name) = error else {
            Issue.record("\(error as Any)")
            return
        }
        #expect(name.hasPrefix("postgresql:///postgres") && !name.contains("elman"))
        #expect(try structure(of: place) == before)
    }
}
