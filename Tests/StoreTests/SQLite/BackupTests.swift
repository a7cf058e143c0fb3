import Examples
import Foundation
import SQLStore
import SQLiteStore
import Store
import Stores
import TestStores
import Testing

@Suite struct BackupTests {
    private let temporary = SQLitePlace()
    private let elsewhere = SQLitePlace()
    private var file: String { elsewhere.directory + "/elman.backup" }
    private var location: StoreLocation { StoreLocation(directory: temporary.directory) }

    init() throws {
        try FileManager.default.createDirectory(
            atPath: elsewhere.directory,
            withIntermediateDirectories: true
        )
    }

    private func filesElsewhere() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: elsewhere.directory).sorted()
    }

    @Test("a backup is one file for this user, which needs no log and has everything")
    func complete() throws {
        let store = try temporary.openDatabase()
        try train("one", on: store)
        let waiting = try store.submit(job: newJob()).job
        let bytes = try location.backUp(to: file, replaces: false)
        #expect(try filesElsewhere() == ["elman.backup"])
        let attributes = try FileManager.default.attributesOfItem(atPath: file)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(attributes[.size] as? Int == bytes)
        // Bytes 18 and 19 say which kind of log a database has; 1 is none that outlives a change.
        let header = try Data(contentsOf: URL(fileURLWithPath: file)).prefix(20)
        #expect(Array(header.suffix(2)) == [1, 1])

        try FileManager.default.moveItem(atPath: file, toPath: elsewhere.path)
        #expect(try elsewhere.contents() == temporary.contents())
        let restored = try elsewhere.open()
        #expect(try restored.liveVersions() == store.liveVersions())
        #expect(try restored.job(waiting.id)?.state == .queued)
        #expect(try restored.examples(ofJob: waiting.id) == rows)
    }

    @Test("what is there stays unless it may be replaced, and then until the backup is complete")
    func replaces() throws {
        let store = try temporary.openDatabase()
        _ = try location.backUp(to: file, replaces: false)
        let first = try Data(contentsOf: URL(fileURLWithPath: file))
        _ = try store.submit(job: newJob())
        #expect(throws: BackupError.exists(file: file)) {
            try location.backUp(to: file, replaces: false)
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == first)
        _ = try location.backUp(to: file, replaces: true)
        #expect(try Data(contentsOf: URL(fileURLWithPath: file)) != first)
        #expect(try filesElsewhere() == ["elman.backup"])
    }

    @Test("places that are no place for a backup are refused, and nothing is left there")
    func refusesPlaces() throws {
        _ = try temporary.openDatabase()
        let directory = elsewhere.directory
        try FileManager.default.createSymbolicLink(
            atPath: directory + "/link",
            withDestinationPath: "/nowhere"
        )
        func refusal(_ file: String) -> BackupError? {
            #expect(throws: BackupError.self) { try location.backUp(to: file, replaces: true) }
        }
        for file in [directory, directory + "/", directory + "/link", "/dev/null", "/"] {
            #expect(refusal(file) == .notAFile(file: file))
        }
        for name in ["elman.sqlite", "elman.sqlite-wal", "server.lock", "backup"] {
            let file = temporary.directory + "/" + name
            #expect(refusal(file) == .amongStore(file: file))
        }
        guard case .cannotWrite = refusal(directory + "/missing/backup") else {
            Issue.record("a directory that is not there")
            return
        }
        for suffix in ["-wal", "-journal"] {
            let log = file + suffix
            #expect(FileManager.default.createFile(atPath: log, contents: Data([1])))
            #expect(refusal(file) == .foreignLog(log: log))
            try FileManager.default.removeItem(atPath: log)
        }
        #expect(try filesElsewhere() == ["link"])
    }

    @Test("without a store there is no backup, and no store is made")
    func refusesNoStore() throws {
        let directory = temporary.directory
        #expect(throws: BackupError.noStore(directory: directory)) {
            try location.backUp(to: file, replaces: false)
        }
        #expect(!FileManager.default.fileExists(atPath: directory))
        try FileManager.default.createDirectory(
            atPath: directory,
            withIntermediateDirectories: true
        )
        try temporary.connect().execute("CREATE TABLE theirs (x)")
        #expect(throws: BackupError.store(.notAStore(place: temporary.path))) {
            try location.backUp(to: file, replaces: false)
        }
        #expect(try filesElsewhere().isEmpty)
    }

    @Test("a damaged store replaces no backup")
    func refusesDamage() throws {
        do {
            let store = try temporary.openDatabase()
            _ = try store.submit(job: newJob())
        }
        _ = try location.backUp(to: file, replaces: false)
        let good = try Data(contentsOf: URL(fileURLWithPath: file))
        try damage(temporary.path)
        #expect(throws: BackupError.store(.corrupt(place: temporary.path))) {
            try location.backUp(to: file, replaces: true)
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == good)
        #expect(try filesElsewhere() == ["elman.backup"])
    }
}
