import ClassificationService
import Foundation
import SQLiteStore
import Store
import Testing

@Suite struct StoreDamageTests {
    private func page(_ number: Int, of path: String) throws -> FileHandle {
        let file = try #require(FileHandle(forUpdatingAtPath: path))
        try file.seek(toOffset: UInt64((number - 1) * 4096))
        return file
    }

    /// Replaces a page of a database and returns what it was.
    private func replace(_ number: Int, of path: String, with bytes: Data) throws -> Data {
        let old = try #require(try page(number, of: path).read(upToCount: 4096))
        try page(number, of: path).write(contentsOf: bytes)
        return old
    }

    private func wait(_ service: TestService, for status: String) -> Received {
        let end = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < end {
            let answer = service.get("/readyz")
            if answer.object["status"] as? String == status { return answer }
            usleep(2000)
        }
        return service.get("/readyz")
    }

    @Test("a store that is damaged keeps readiness degraded until the damage is gone")
    func degraded() throws {
        let first = try TestService()
        let directory = first.directory
        let path = directory + "/elman.sqlite"
        // A table that no start reads.
        let number = try #require(
            try SQLConnection(path: path, purpose: .readWrite).row(
                "SELECT rootpage FROM sqlite_schema WHERE name = 'golden'"
            ) { $0.int("rootpage") }
        )
        let checkpoint = try SQLConnection(path: path, purpose: .readWrite)
        try checkpoint.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        #expect(wait(first, for: "ready").status == 200)
        let good = try replace(number, of: path, with: Data(repeating: 0x5A, count: 4096))
        first.service.stop()

        let service = try TestService(
            directory: directory,
            store: SQLiteStore(directory: directory)
        ) { $0.inspectionInterval = .milliseconds(20) }
        let answer = wait(service, for: "degraded")
        #expect(answer.status == 200)
        let problems = answer.object["problems"] as? [[String: String]] ?? []
        #expect(problems.count == 1)
        #expect(problems.first?["detail"]?.hasPrefix("the store is damaged; restore") == true)
        #expect(!answer.text.contains(directory))
        #expect(service.get("/metrics").text.contains("\nelman_problems 1\n"))
        #expect(service.post("/classify", #"{"text":"a"}"#).status == 200)
        // Changes that are kept do not hide it.
        let row = #"{"examples":[{"text":"a","label":"b"}]}"#
        #expect(service.post("/models/mood/examples", row).status == 200)
        usleep(100_000)
        #expect(service.get("/readyz").object["status"] as? String == "degraded")

        _ = try replace(number, of: path, with: good)
        #expect(wait(service, for: "ready").object["status"] as? String == "ready")
        #expect(service.get("/metrics").text.contains("\nelman_problems 0\n"))
    }
}
