import Foundation
import HTTPTestClient
import Testing

/// The loop that Elman exists for, with the real programs.
@Suite struct TrainingLoopTests {
    @Test("train, wait, classify, look, roll back, stop")
    func journey() throws {
        let server = try TestServer(try TestDirectory())
        #expect(try server.send("GET", "/readyz").status == 503)
        #expect(try server.send("POST", "/classify", #"{"text":"a"}"#).status == 503)
        let body = trainBody("mood", epochs: 500)
        let first = try server.send("POST", "/train", body, headers: "Prefer: wait=50\r\n")
        #expect(first.status == 200, "\(first)")
        #expect(first.header("Preference-Applied") == "wait=50")
        #expect(first.object["state"] as? String == "succeeded")
        #expect(first.object["version"] as? Int == 1)
        #expect(try server.send("GET", "/readyz").status == 200)
        func classify() throws -> [String: Any] {
            try server.send("POST", "/classify", #"{"text":"what a fine and sunny day 0"}"#).object
        }
        #expect(try classify()["label"] as? String == "glad")
        let id = try server.train(trainBody("mood", epochs: 600, promote: "always"))
        let job = try server.job(id) { $0["state"] as? String == "succeeded" }
        #expect(job["version"] as? Int == 2)
        #expect(job["promoted"] as? Bool == true)
        #expect((job["progress"] as? [String: Any])?["epoch"] as? Int == 600)
        #expect(job["metrics"] is [String: Any])
        try wait("version 2") { (try? classify()["version"] as? Int) == 2 }
        let card = try server.send("GET", "/models/mood").object
        #expect((card["history"] as? [Any])?.count == 2)
        let back = try server.send("PUT", "/models/mood/live", #"{"version":1}"#)
        #expect(back.status == 200)
        #expect(try classify()["version"] as? Int == 1)
        let checkpoint = try server.send("GET", "/models/mood/versions/2/checkpoint")
        #expect(checkpoint.object["format"] as? String == "elman-checkpoint")
        #expect(try server.stop() == 0)
    }

    @Test("the same rows, options and seed give the same bytes")
    func reproducible() throws {
        let server = try TestServer(try TestDirectory())
        for version in 1...2 {
            let body = trainBody("mood", epochs: 30)
            let answer = try server.send("POST", "/train", body, headers: "Prefer: wait=50\r\n")
            #expect(answer.object["version"] as? Int == version, "\(answer)")
        }
        let tags = try (1...2).map {
            try server.send("HEAD", "/models/mood/versions/\($0)/checkpoint").header("ETag")
        }
        #expect(tags[0] != nil)
        #expect(tags[0] == tags[1])
    }

    @Test("a running job is cancelled within two seconds and publishes nothing")
    func cancel() throws {
        let server = try TestServer(try TestDirectory())
        let id = try server.train(trainBody("mood", rows: 100, epochs: 100_000))
        _ = try server.job(id) { ($0["progress"] as? [String: Any])?["epoch"] is Int }
        let start = ContinuousClock.now
        #expect(try server.send("DELETE", "/train/\(id)").status == 202)
        _ = try server.job(id) { $0["state"] as? String == "cancelled" }
        let duration = ContinuousClock.now - start
        print("cancelled after \(duration)")
        #expect(duration < .seconds(10))
        #expect(try server.send("GET", "/models/mood").status == 404)
        #expect(try server.stop() == 0)
    }

    @Test("a trainer that is killed in the middle of a job: the job is queued again and finishes")
    func killedTrainer() throws {
        let server = try TestServer(try TestDirectory())
        let id = try server.train(trainBody("mood", epochs: 20_000))
        _ = try server.job(id) { ($0["progress"] as? [String: Any])?["epoch"] is Int }
        let pid = try #require(server.event("trainer_started")?["pid"].flatMap(pid_t.init))
        kill(pid, SIGKILL)
        let job = try server.job(id) { $0["finished_at"] is String }
        #expect(job["state"] as? String == "succeeded")
        #expect(job["attempts"] as? Int == 2)
        #expect(server.event("trainer_ended") != nil)
        #expect(try server.stop() == 0)
    }

    @Test("a trainer that always fails: the job fails with the reason")
    func failingTrainer() throws {
        let directory = try TestDirectory()
        let script = try directory.script("echo \"$@\"; exit 3")
        let options = ["--trainer", script, "--trainer-threads", "5", "--keep-versions", "7"]
        let server = try TestServer(directory, options)
        let id = try server.train(trainBody("mood", epochs: 5))
        let job = try server.job(id) { $0["finished_at"] is String }
        #expect(job["state"] as? String == "failed")
        let error = try #require(job["error"] as? [String: String])
        #expect(error["detail"]?.contains("exit status 3") == true, "\(error)")
        let line = server.event("trainer_ended")?["last_line"] ?? ""
        #expect(line.hasSuffix("--threads 5 --short-threads 5"), "\(line)")
        #expect(line.contains("--keep-versions 7"), "\(line)")
        #expect(try server.send("GET", "/livez").status == 200)
        #expect(try server.stop() == 0)
    }

    @Test("a server that is killed takes its trainer with it; the next one finishes the job")
    func killedServer() throws {
        let directory = try TestDirectory()
        let server = try TestServer(directory)
        let id = try server.train(trainBody("mood", epochs: 20_000))
        _ = try server.job(id) { ($0["progress"] as? [String: Any])?["epoch"] is Int }
        let pid = try #require(server.event("trainer_started")?["pid"].flatMap(pid_t.init))
        #expect(try server.stop(SIGKILL) == -SIGKILL)
        try wait("the trainer's end") { kill(pid, 0) != 0 }
        let next = try TestServer(directory)
        let job = try next.job(id) { $0["finished_at"] is String }
        #expect(job["state"] as? String == "succeeded")
        #expect(try next.stop() == 0)
    }

    @Test("a thousand short rows at 20 epochs are live soon after the POST")
    func thousandRows() throws {
        let server = try TestServer(try TestDirectory())
        let body = trainBody("mood", rows: 1000, epochs: 20)
        let start = ContinuousClock.now
        let answer = try server.send("POST", "/train", body, headers: "Prefer: wait=50\r\n")
        let duration = ContinuousClock.now - start
        print("1,000 rows live after \(duration)")
        #expect(answer.object["state"] as? String == "succeeded", "\(answer)")
        let live = try server.send("POST", "/classify", #"{"text":"sunny"}"#).object
        #expect(live["version"] as? Int == 1)
        // The bar of two seconds is for a release build on an idle machine.
        #expect(duration < .seconds(40))
    }
}
