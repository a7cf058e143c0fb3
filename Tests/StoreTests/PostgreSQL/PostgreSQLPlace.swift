import Foundation
import PostgreSQLStore
import SQLStore
import Store
import Synchronization
import TestStores

/// A schema of the shared server that goes away with its last user, and a clock that a test moves.
final class PostgreSQLPlace: StorePlace {
    let cluster: PostgreSQLCluster
    let schema: String
    private let time = Mutex(Duration.zero)

    init(on cluster: PostgreSQLCluster? = nil) throws {
        self.cluster = try cluster ?? .shared()
        schema = "s" + UUID().uuidString.filter { $0 != "-" }.lowercased()
        try connect().run("CREATE SCHEMA \(schema)")
    }

    deinit { _ = try? connect().run("DROP SCHEMA \(schema) CASCADE") }

    var address: PostgreSQLAddress { PostgreSQLAddress(uri: cluster.uri(schema: schema)) }

    func open(keptVersions: Int, maximumModels: Int?) throws(StoreError) -> any Store {
        let store = makeStore(keptVersions: keptVersions, maximumModels: maximumModels)
        try store.prepare()
        return store
    }

    /// A store that may not have asked its database yet.
    func makeStore(
        keptVersions: Int = Retention.versions,
        maximumModels: Int? = nil,
        timeouts: Timeouts = .patient
    ) -> PostgreSQLStore {
        PostgreSQLStore(
            address,
            keptVersions: keptVersions,
            maximumModels: maximumModels,
            timeouts: timeouts
        ) { [self] in now }
    }

    private var now: Duration { time.withLock { $0 } }
    func advance(by duration: Duration) { time.withLock { $0 += duration } }

    /// A connection beside those of the store.
    func connect() throws(StoreError) -> PostgreSQLConnection {
        try PostgreSQLConnection(address, .patient)
    }

    private func tables(_ connection: PostgreSQLConnection) throws(StoreError) -> [String] {
        try connection.rows(
            "SELECT CAST(tablename AS text) AS name FROM pg_tables WHERE schemaname = ? "
                + "ORDER BY tablename",
            .text(schema)
        ) { $0.text("name") }
    }

    /// A copy of what is committed.
    ///
    /// That this survives is PostgreSQL's promise, and the subject of
    /// `OutageTests`.
    func afterCrash() throws -> any StorePlace {
        let copy = try PostgreSQLPlace(on: cluster)
        _ = try copy.open()
        let connection = try copy.connect()
        // No foreign key is looked at meanwhile.
        try connection.run("SET session_replication_role = replica")
        for table in try tables(connection) {
            try connection.run("DELETE FROM \(table)")
            try connection.run(
                "INSERT INTO \(table) OVERRIDING SYSTEM VALUE SELECT * FROM \(schema).\(table)"
            )
        }
        try connection.run(
            """
            SELECT setval(CAST('\(copy.schema).' || sequencename AS regclass), last_value)
            FROM pg_sequences WHERE schemaname = ? AND last_value IS NOT NULL
            """,
            .text(schema)
        )
        return copy
    }

    func contents() throws -> [String] {
        let connection = try connect()
        let tables = try tables(connection)
        return try connection.snapshot { connection throws(StoreError) in
            var contents: [String] = []
            for table in tables {
                contents += try connection.rows(
                    "SELECT CAST(line AS text) AS line FROM \(table) AS line"
                ) { table + ": " + $0.text("line") }.sorted()
            }
            return contents
        }
    }

    func storedTexts() throws -> [String] {
        let connection = try connect()
        return try ["examples", "posted_rows"].flatMap { table in
            try connection.rows("SELECT text FROM \(table) ORDER BY id") { $0.text("text") }
        }
    }

    func remember(keys: ClosedRange<Int>) throws {
        try connect().run(
            """
            INSERT INTO idempotency (scope, key, request_digest, body)
            SELECT '', CAST(number AS text), 'd', '0 0 0 0 1 0'
            FROM generate_series(?, ?) AS number ORDER BY number
            """,
            .integer(keys.lowerBound),
            .integer(keys.upperBound)
        )
    }

    func fail(behind step: String) throws {
        let connection = try connect()
        try connection.run(
            """
            CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql
            AS $$ BEGIN RAISE EXCEPTION 'injected'; END $$
            """
        )
        try connection.run(
            "CREATE TRIGGER fault AFTER \(step) FOR EACH ROW EXECUTE FUNCTION fault()"
        )
    }

    func mend() throws { try connect().run("DROP FUNCTION fault CASCADE") }
}

extension Timeouts {
    /// Threads that write without a pause can keep one of them waiting on a busy machine.
    static var patient: Timeouts {
        var timeouts = Timeouts()
        timeouts.statement = .seconds(60)
        timeouts.lock = .seconds(60)
        return timeouts
    }
}
