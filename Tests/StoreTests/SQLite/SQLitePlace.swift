import Foundation
import SQLStore
import SQLiteStore
import Store
import Synchronization

/// A state directory that goes away with its last user, and a clock that a test moves.
final class SQLitePlace: StorePlace {
    let directory: String
    private let time = Mutex(Duration.zero)

    init() {
        directory = NSTemporaryDirectory() + "elman-store-" + UUID().uuidString
    }

    deinit {
        try? FileManager.default.removeItem(atPath: directory)
    }

    var path: String { directory + "/elman.sqlite" }

    func open(keptVersions: Int, maximumModels: Int?) throws(StoreError) -> any Store {
        // Threads that write without a pause can keep one of them waiting on a busy machine.
        try openDatabase(
            keptVersions: keptVersions,
            maximumModels: maximumModels,
            busyTimeout: .seconds(60)
        )
    }

    /// Opens a handle whose connections a test may use.
    func openDatabase(
        keptVersions: Int = Retention.versions,
        maximumModels: Int? = nil,
        busyTimeout: Duration = .seconds(5)
    ) throws(StoreError) -> SQLiteStore {
        try SQLiteStore(
            directory: directory,
            keptVersions: keptVersions,
            maximumModels: maximumModels,
            busyTimeout: busyTimeout
        ) { [self] in now }
    }

    private var now: Duration { time.withLock { $0 } }
    func advance(by duration: Duration) { time.withLock { $0 += duration } }

    /// The files as they are: the write-ahead log is not yet in the database.
    func afterCrash() throws -> any StorePlace {
        let copy = SQLitePlace()
        try FileManager.default.copyItem(atPath: directory, toPath: copy.directory)
        return copy
    }

    /// A connection beside those of the store.
    func connect() throws(StoreError) -> SQLConnection {
        try SQLConnection(path: path, purpose: .readWrite)
    }

    func contents() throws -> [String] {
        let connection = try connect()
        let tables = try connection.rows(
            "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name"
        ) { $0.text("name") }
        return try connection.snapshot { connection throws(StoreError) in
            var contents: [String] = []
            for table in tables {
                let columns = try connection.rows("PRAGMA table_info(\(table))") { row in
                    "quote(\(row.text("name")))"
                }
                let line = columns.joined(separator: " || ', ' || ")
                contents += try connection.rows("SELECT \(line) AS line FROM \(table)") {
                    table + ": " + $0.text("line")
                }.sorted()
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
        try connect().transaction { connection throws(StoreError) in
            for key in keys {
                try connection.run(
                    """
                    INSERT INTO idempotency (scope, key, request_digest, body)
                    VALUES ('', ?, 'd', CAST('0 0 0 0 1 0' AS BLOB))
                    """,
                    .text("\(key)")
                )
            }
        }
    }

    func fail(behind step: String) throws {
        try connect().execute(
            "CREATE TRIGGER fault AFTER \(step) BEGIN SELECT RAISE(ABORT, 'injected'); END"
        )
    }

    func mend() throws { try connect().execute("DROP TRIGGER fault") }
}

/// Overwrites a page of a closed database, but not its first one: it can still be opened.
func damage(_ path: String) throws {
    let pageSize = 4096
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    let last = bytes.count / pageSize - 1
    bytes.replaceSubrange(
        last * pageSize..<bytes.count,
        with: Data(repeating: 0x5A, count: pageSize)
    )
    try bytes.write(to: URL(fileURLWithPath: path))
}
