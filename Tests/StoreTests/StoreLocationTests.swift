import Foundation
import Store
import Stores
import TestStores
import Testing

@Suite struct StoreLocationTests {
    private let directory = NSTemporaryDirectory() + "elman-store-" + UUID().uuidString
    private var location: StoreLocation { StoreLocation(directory: directory, keptVersions: 2) }

    @Test("one server has a store for itself, for as long as it holds it; trainers open it too")
    func servers() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        do {
            let store = try location.openForServer()
            let error = #expect(throws: (any Error).self) { try location.openForServer() }
            let sentence = error.map { "\($0)" } ?? ""
            #expect(sentence.hasPrefix("another server uses the state directory '\(directory)'"))
            _ = try location.open().submit(job: newJob())
            #expect(try store.jobCounts() == [.queued: 1])
        }
        #expect(try location.openForServer().jobCounts() == [.queued: 1])
    }

    @Test("a place that cannot be used is said before anything is opened")
    func unusable() {
        let location = StoreLocation(directory: "/nowhere/at/all")
        let error = #expect(throws: (any Error).self) { try location.openForServer() }
        #expect(error.map { "\($0)".contains("'/nowhere/at/all' cannot be used") } == true)
        #expect(throws: StoreError.self) { try location.open() }
    }

    @Test("every handle keeps as many versions as the place says, and trainers are told")
    func keptVersions() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        #expect(location.arguments == ["--state", directory, "--keep-versions", "2"])
        let store = try location.open()
        for text in ["1", "2", "3"] { _ = try store.importFile(text) }
        #expect(try store.versions(of: "mood").map(\.version) == [3, 2])
        #expect(StoreLocation(directory: "d").arguments.last == "\(Retention.versions)")
    }
}
