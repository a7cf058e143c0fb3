import Foundation
import HTTPTestClient
import Testing

/// State directories that the program does not take as they are.
@Suite struct StateProgramTests {
    @Test("a state directory that others may read is closed to them with a warning")
    func looseModes() throws {
        let directory = try TestDirectory()
        let state = directory.path + "/state"
        let files = FileManager.default
        try files.createDirectory(
            atPath: state,
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o755]
        )
        let first = try TestServer(directory)
        #expect(first.event("state_open_to_others")?["path"] == state)
        #expect(first.event("state_open_to_others")?["mode"] == "0755")
        #expect(first.event("state_open_to_others")?["mended"] == "true")
        #expect(try files.attributesOfItem(atPath: state)[.posixPermissions] as? Int == 0o700)
        #expect(try first.stop() == 0)
        let second = try TestServer(directory)
        #expect(second.event("state_open_to_others") == nil)
        #expect(try second.stop() == 0)
    }

    @Test("a server that was stopped leaves its database whole: a copy without the log has all")
    func stopped() throws {
        let directory = try TestDirectory()
        let first = try TestServer(directory)
        let body = #"{"examples":[{"text":"a","label":"b"}]}"#
        #expect(try first.send("POST", "/models/notes/examples", body).status == 200)
        #expect(try first.stop() == 0)
        let copy = try TestDirectory()
        try FileManager.default.createDirectory(
            atPath: copy.path + "/state",
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700]
        )
        try FileManager.default.copyItem(
            atPath: directory.path + "/state/elman.sqlite",
            toPath: copy.path + "/state/elman.sqlite"
        )
        let second = try TestServer(copy)
        let page = try second.send("GET", "/models/notes/examples").object
        #expect(page["total"] as? Int == 1)
        #expect(try second.stop() == 0)
    }

    @Test("a log without its database stops the start with a sentence, and stays")
    func logAlone() throws {
        let directory = try TestDirectory()
        let state = directory.path + "/state"
        let first = try TestServer(directory)
        let body = #"{"examples":[{"text":"a","label":"b"}]}"#
        #expect(try first.send("POST", "/models/notes/examples", body).status == 200)
        #expect(try first.stop(SIGKILL) == -SIGKILL)
        let log = URL(fileURLWithPath: state + "/elman.sqlite-wal")
        let bytes = try Data(contentsOf: log)
        #expect(!bytes.isEmpty)
        try FileManager.default.removeItem(atPath: state + "/elman.sqlite")
        let second = try TestServer(directory)
        #expect(try second.exitStatus() == 78)
        let reason = second.event("start_refused")?["reason"] ?? ""
        #expect(reason.contains("is empty or missing, but its log"), "\(reason)")
        #expect(try Data(contentsOf: log) == bytes)
    }
}
