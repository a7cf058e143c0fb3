import Foundation
import HTTPTestClient
import Testing

/// A small file system in memory that is mounted as long as the object lasts.
private final class SmallDisk: Sendable {
    let path: String
    private var ballast: String { path + "/ballast" }

    /// Why there can be none here.
    static let obstacle = serverTests.obstacle {
        let directory = try TestDirectory()
        _ = try SmallDisk(directory.path + "/disk")
    }

    init(_ path: String) throws {
        self.path = path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        try run("mount", "-t", "tmpfs", "-o", "size=2M", "none", path)
    }

    deinit { _ = try? run("umount", "--lazy", path) }

    /// Somebody else takes all the room that is left.
    func fill() { _ = try? run("dd", "if=/dev/zero", "of=\(ballast)", "bs=4096") }

    func clear() throws { try FileManager.default.removeItem(atPath: ballast) }
}

@Suite(.serialized) struct FullDiskTests {
    @Test(
        "a full disk: classify goes on, train says so, and goes on once there is room",
        .enabled(
            if: SmallDisk.obstacle == nil,
            "needs the right to mount (\(SmallDisk.obstacle ?? ""))"
        )
    )
    func fullDisk() throws {
        let directory = try TestDirectory()
        let disk = try SmallDisk(directory.path + "/disk")
        let server = try TestServer(directory, ["--state", disk.path])
        try trainAtOnce(server)
        let running = try server.train(trainBody("mood", rows: 20, epochs: 5000))
        disk.fill()
        let long = trainBody("mood", rows: 4000, epochs: 1)
        let refused = try server.send("POST", "/train", long)
        #expect(refused.status == 507, "\(refused)")
        #expect(refused.object["code"] as? String == "storage_full")
        #expect(refused.object["detail"] is String)
        try expectDegraded(server, because: "full")
        try disk.clear()
        try trainAtOnce(server)
        try expectReady(server)
        let job = try server.job(running) { $0["finished_at"] is String }
        #expect(job["state"] as? String == "succeeded", "\(job)")
        #expect(try server.stop() == 0)
    }

    @Test(
        "a disk that the kernel made read-only: classify goes on, train says so",
        .enabled(
            if: LoopDisk.obstacle == nil,
            "needs root, loop devices and ext4 (\(LoopDisk.obstacle ?? ""))"
        )
    )
    func readOnlyDisk() throws {
        let directory = try TestDirectory()
        let disk = try LoopDisk()
        let options = ["--state", disk.path + "/state"]
        let server = try TestServer(directory, options)
        try trainAtOnce(server)
        try disk.becomeReadOnly()
        let refused = try server.send("POST", "/train", trainBody("mood", epochs: 5))
        #expect(refused.status == 503, "\(refused)")
        #expect(refused.object["code"] as? String == "store_unavailable")
        try expectDegraded(server, because: "the store fails")
        #expect(try server.stop() == 0)
        try disk.restorePower()
        let next = try TestServer(directory, options)
        try trainAtOnce(next)
        #expect(try next.stop() == 0)
    }

    private func trainAtOnce(_ server: TestServer) throws {
        let body = trainBody("mood", epochs: 5)
        let answer = try server.send("POST", "/train", body, headers: "Prefer: wait=50\r\n")
        #expect(answer.object["state"] as? String == "succeeded", "\(answer)")
    }

    private func expectDegraded(_ server: TestServer, because reason: String) throws {
        try wait("degraded") {
            let answer = try? server.send("GET", "/readyz")
            return answer?.object["status"] as? String == "degraded"
                && answer?.text.contains(reason) == true
        }
        #expect(try server.send("GET", "/readyz").status == 200)
        let answer = try server.send("POST", "/classify", #"{"text":"a sunny day"}"#)
        #expect(answer.status == 200, "\(answer)")
    }

    private func expectReady(_ server: TestServer) throws {
        try wait("ready") {
            (try? server.send("GET", "/readyz").object["status"] as? String) == "ready"
        }
    }
}
