import Foundation
import HTTPTestClient
import Testing

@Suite(.serialized) struct ClockTests {
    /// libfaketime, for programs with threads.
    private static let library =
        ["x86_64", "aarch64"].map { "/usr/lib/\($0)-linux-gnu/faketime/libfaketimeMT.so.1" }
        .first { FileManager.default.fileExists(atPath: $0) }

    @Test(
        "a clock that jumps while a job runs: nothing expires, nothing is done twice",
        .enabled(if: library != nil && !runsUnderSanitizer, "needs libfaketime, and no sanitizer")
    )
    func jumps() throws {
        let directory = try TestDirectory()
        let clock = directory.path + "/clock"
        func set(_ time: String) throws {
            // Exchanged in one step, as a reader may look at any moment.
            try Data(time.utf8).write(to: URL(fileURLWithPath: clock), options: .atomic)
        }
        try set("+0")
        let server = try TestServer(
            directory,
            environment: [
                "LD_PRELOAD": Self.library ?? "", "FAKETIME_TIMESTAMP_FILE": clock,
                "FAKETIME_NO_CACHE": "1",
                // Only the time of day can be set; the monotonic clock goes on.
                "DONT_FAKE_MONOTONIC": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            ],
            // libfaketime adds a variable to the environment of the first program that it is loaded
            // into, and Swift does not find the arguments of such a program.
            launcher: "/usr/bin/env"
        )
        #expect(server.isRunning, "\(server.log)")
        defer {
            // A program that is exchanged for another cannot tidy up.
            for name in ["faketime_shm_", "sem.faketime_sem_"] {
                unlink("/dev/shm/\(name)\(server.pid)")
            }
        }
        let id = try server.train(trainBody("mood", rows: 100, epochs: 3000))
        _ = try server.job(id) { ($0["progress"] as? [String: Any])?["epoch"] is Int }
        let before = try server.send("GET", "/train/\(id)").object
        var other = ""
        for jump in ["+10y", "+1d", "-1d", "@2038-01-19 03:14:00"] {
            try set(jump)
            if other.isEmpty { other = try server.train(trainBody("other", epochs: 5)) }
            for _ in 0..<4 {
                #expect(try server.send("GET", "/livez").status == 200)
                usleep(100_000)
            }
        }
        // It must have jumped for the programs, and in the middle, or the test says nothing.
        let created = try server.send("GET", "/train/\(other)").object["created_at"] as? String
        #expect(created?.prefix(4) != (before["created_at"] as? String)?.prefix(4))
        #expect(try server.send("GET", "/train/\(id)").object["state"] as? String == "running")
        try set("+0")
        for job in [id, other] {
            let ended = try server.job(job) { $0["finished_at"] is String }
            #expect(ended["state"] as? String == "succeeded", "\(ended)")
            #expect(ended["attempts"] as? Int == 1, "\(ended)")
            #expect(ended["version"] as? Int == 1, "\(ended)")
        }
        let jobs = try server.send("GET", "/train").object["jobs"] as? [Any]
        #expect(jobs?.count == 2)
        #expect(server.event("job_reclaimed") == nil)
        #expect(try server.stop() == 0)
    }
}
