import Foundation
import SQLiteStore
import Store
import Stores
import TestStores
import Testing

/// What is wrong with a state directory before anybody works with it.
@Suite struct StateDirectoryTests {
    private let temporary = SQLitePlace()
    private var location: StoreLocation { StoreLocation(directory: temporary.directory) }

    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    private func setMode(_ mode: Int, _ path: String) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    @Test(
        "a log beside an empty or missing database is refused, not deleted",
        arguments: [true, false]
    )
    func logAlone(isEmpty: Bool) throws {
        let store = try temporary.openDatabase()
        let id = try store.submit(job: newJob()).job.id
        let copy = SQLitePlace()
        try FileManager.default.copyItem(atPath: temporary.directory, toPath: copy.directory)
        let database = try Data(contentsOf: URL(fileURLWithPath: copy.path))
        let log = URL(fileURLWithPath: copy.path + "-wal")
        let bytes = try Data(contentsOf: log)
        #expect(!bytes.isEmpty)
        try FileManager.default.removeItem(atPath: copy.path)
        if isEmpty { #expect(FileManager.default.createFile(atPath: copy.path, contents: nil)) }

        let refusal = StoreError.logWithoutDatabase(place: copy.path)
        let location = StoreLocation(directory: copy.directory)
        #expect(throws: refusal) { try copy.open() }
        #expect(throws: refusal) { try location.openForServer() }
        #expect(throws: BackupError.store(refusal)) {
            try location.backUp(to: temporary.directory + ".backup", replaces: false)
        }
        #expect(refusal.description.contains("\(copy.path)-wal"))
        #expect(try Data(contentsOf: log) == bytes)
        #expect(FileManager.default.fileExists(atPath: copy.path) == isEmpty)

        try database.write(to: URL(fileURLWithPath: copy.path))
        #expect(try copy.open().job(id)?.state == .queued)
    }

    @Test("a log of no bytes is no reason to refuse a new store")
    func emptyLog() throws {
        try FileManager.default.createDirectory(
            atPath: temporary.directory,
            withIntermediateDirectories: true
        )
        #expect(FileManager.default.createFile(atPath: temporary.path + "-wal", contents: nil))
        #expect(try temporary.open().jobs(limit: 1).isEmpty)
    }

    @Test("what others may open is closed to them, and told once")
    func closes() throws {
        let store = try location.openForServer()
        _ = try store.submit(job: newJob())
        #expect(location.closeToOthers().isEmpty)
        let directory = temporary.directory
        let paths = ["", "/elman.sqlite", "/elman.sqlite-wal", "/server.lock"].map {
            directory + $0
        }
        try FileManager.default.createDirectory(
            atPath: directory + "/lost+found",
            withIntermediateDirectories: false
        )
        let loose = [0o755, 0o644, 0o660, 0o604]
        for (path, mode) in zip(paths, loose) { try setMode(mode, path) }
        let told = location.closeToOthers()
        #expect(
            told == zip(paths, loose).map { LooseMode(path: $0, mode: $1, obstacle: nil) }
        )
        #expect(try paths.map { try mode($0) } == [0o700, 0o600, 0o600, 0o600])
        #expect(location.closeToOthers().isEmpty)
        #expect(try store.jobs(limit: 9).count == 1)
    }

    @Test("a directory that others share keeps its mode, and its files are closed")
    func leavesSharedDirectories() throws {
        #expect(location.closeToOthers().isEmpty, "there is nothing yet")
        _ = try location.open()
        let directory = temporary.directory
        func isLeft(_ mode: Int) throws {
            try setMode(mode, directory)
            try setMode(0o644, temporary.path)
            let told = location.closeToOthers()
            #expect(told.map(\.mode) == [mode, 0o644])
            #expect(told.map { $0.obstacle == nil } == [false, true])
            #expect(try self.mode(directory) == mode)
            #expect(try self.mode(temporary.path) == 0o600)
        }
        try isLeft(0o1777)
        try FileManager.default.createDirectory(
            atPath: directory + "/theirs",
            withIntermediateDirectories: false
        )
        try isLeft(0o755)
    }

    @Test("damage behind the first page is found by looking for it")
    func findsDamage() throws {
        do {
            let store = try temporary.openDatabase()
            _ = try store.submit(job: newJob())
            #expect(try store.firstDamage() == nil)
        }
        try damage(temporary.path)
        let store = try temporary.openDatabase()
        let found = try store.firstDamage()
        #expect(found?.isEmpty == false)
        #expect(found?.contains { $0.isNewline } == false)
    }

    @Test("damage that a reader meets is remembered until a change is kept")
    func remembersDamage() throws {
        let store = try temporary.openDatabase()
        #expect(throws: StoreError.self) {
            try store.read { _ throws(StoreError) in throw .corrupt(place: store.path) }
        }
        #expect(store.writeTrouble == .corrupt(place: store.path))
        try store.tryWriting()
        #expect(store.writeTrouble == nil)
    }
}
