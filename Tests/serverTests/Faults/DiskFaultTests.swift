import Foundation
import HTTPTestClient
import Testing

@Suite(
    .serialized,
    .enabled(
        if: FailingDisk.obstacle == nil,
        "needs strace and the right to use it (\(FailingDisk.obstacle ?? ""))"
    )
)
struct DiskFaultTests {
    @Test(
        "a disk that fails: classify goes on, train says why, and the next try succeeds",
        arguments: [
            ("pwrite64", "ENOSPC"), ("pwrite64", "EIO"), ("pwrite64", "EROFS"),
            ("fdatasync", "EIO"), ("fdatasync", "ENOSPC"), ("fsync", "EIO"),
            ("openat", "EROFS"), ("openat", "EIO"), ("ftruncate", "ENOSPC"),
            ("ftruncate,pwrite64,fdatasync,fsync", "EIO"),
        ]
    )
    func failingCalls(call: String, error: String) throws {
        let directory = try TestDirectory()
        let server = try TestServer(directory)
        try prepare(server)
        // One job is under way when the disk fails.
        var jobs = [try server.train(trainBody("mood", rows: 20, epochs: 500))]
        let disk = try FailingDisk(directory, server.pid, call: call, error: error)
        for _ in 0..<3 {
            try expectClassification(server)
            let answer = try server.send("POST", "/train", trainBody("mood", epochs: 5))
            switch answer.status {
            case 202: jobs.append(try #require(answer.object["id"] as? String))
            case 503, 507:
                #expect(answer.object["detail"] is String, "\(answer)")
                #expect(answer.header("Retry-After") != nil)
                try wait("degraded") { (try? status(server)) == "degraded" }
            default: Issue.record("\(answer)")
            }
            _ = try server.send("PUT", "/models/mood/live", #"{"version":1}"#)
            try expectClassification(server)
            usleep(300_000)
        }
        disk.mend()
        let again = trainBody("mood", epochs: 5)
        let answer = try server.send("POST", "/train", again, headers: "Prefer: wait=50\r\n")
        #expect(answer.object["state"] as? String == "succeeded", "\(answer)")
        try wait("ready") { (try? status(server)) == "ready" }
        for id in jobs {
            let job = try server.job(id) { $0["finished_at"] is String }
            #expect(job["state"] as? String == "succeeded", "\(job)")
        }
        #expect(try server.stop() == 0)
    }

    @Test("what was refused is not done, even if a crash follows")
    func doubtfulWrites() throws {
        let directory = try TestDirectory()
        let server = try TestServer(directory)
        try prepare(server)
        let target = "/models/mood/examples"
        let example = #"{"examples":[{"text":"a sunny day","label":"glad"}]}"#
        #expect(try server.send("POST", target, example).status == 200)
        // What cannot be synchronized is in the log nevertheless, where a restart would find it.
        let disk = try FailingDisk(directory, server.pid, call: "fdatasync", error: "EIO")
        let removal = #"{"remove":{"texts":["a sunny day"]}}"#
        #expect(try server.send("POST", target, removal).status == 503)
        disk.mend()
        // Once the disk takes something, that is written over it.
        try wait("ready") { (try? status(server)) == "ready" }
        #expect(try server.stop(SIGKILL) == -SIGKILL)
        let next = try TestServer(directory)
        #expect(try next.send("GET", target + "?label=glad").text.contains("a sunny day"))
        #expect(try next.stop() == 0)
    }

    private func prepare(_ server: TestServer) throws {
        let body = trainBody("mood", epochs: 5)
        let answer = try server.send("POST", "/train", body, headers: "Prefer: wait=50\r\n")
        #expect(answer.object["version"] as? Int == 1, "\(answer)")
    }

    private func expectClassification(_ server: TestServer) throws {
        for _ in 0..<10 {
            let answer = try server.send("POST", "/classify", #"{"text":"a sunny day"}"#)
            #expect(answer.status == 200, "\(answer)")
        }
    }

    private func status(_ server: TestServer) throws -> String? {
        let answer = try server.send("GET", "/readyz")
        #expect(answer.status == 200)
        return answer.object["status"] as? String
    }
}
