import Store
import TestStores
import Testing

@Suite struct ModelStoreTests {
    @Test(
        "a first file is live, a second replaces it, a known one is not stored again",
        arguments: Backend.all
    )
    func importsFiles(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let store = try place.open()
        #expect(try store.importFile("one") == .new(version: 1, isLive: true))
        #expect(try store.importFile("one") == .known(version: 1, isLive: true))
        #expect(try store.importFile("two") == .new(version: 2, isLive: true))
        #expect(try store.versions(of: "mood").map(\.version) == [2, 1])
        // The file was exchanged and put back.
        #expect(try store.importFile("one") == .known(version: 1, isLive: true))
        #expect(
            try store.liveVersions() == [
                LiveVersion(model: "mood", version: 1, digest: "digest of one")
            ]
        )
    }

    @Test(
        "a file that was imported is known by its digest, an upload is not",
        arguments: Backend.all
    )
    func importsKnownFiles(_ backend: Backend) throws {
        let store = try backend.makePlace().open()
        func importKnown(_ text: String) throws -> String? {
            try store.importKnownFile(digest: "digest of \(text)").map {
                "\($0.model) \($0.result)"
            }
        }
        #expect(try importKnown("one") == nil)
        _ = try store.importFile("one")
        _ = try store.importFile("two")
        #expect(try importKnown("two") == "mood known(version: 2, isLive: true)")
        // The file was exchanged and put back.
        #expect(try importKnown("one") == "mood known(version: 1, isLive: true)")
        #expect(try store.model("mood")?.liveVersion == 1)
        try store.setLive(model: "mood", version: 2)
        #expect(try importKnown("one") == "mood known(version: 1, isLive: false)")
        _ = try store.importCheckpoint(
            ImportedCheckpoint(
                bytes: Array("three".utf8),
                digest: "digest of three",
                origin: .upload,
                metrics: Array("{}".utf8)
            ),
            of: "mood"
        )
        #expect(try importKnown("three") == nil)
    }

    @Test(
        "a file never replaces a retrained model, nor a choice made by hand",
        arguments: Backend.all
    )
    func importsBesideRetrained(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let store = try place.open()
        #expect(try store.importFile("one") == .new(version: 1, isLive: true))
        #expect(try train("trained", on: store).version == 2)
        #expect(try store.importFile("one") == .known(version: 1, isLive: false))
        #expect(try store.importFile("three") == .new(version: 3, isLive: false))
        #expect(
            try store.version("mood", 3)?.reason
                == "version 2 is live and was not imported from a file"
        )
        #expect(try store.model("mood")?.liveVersion == 2)

        let other = try backend.makePlace().open()
        _ = try other.importFile("one")
        _ = try other.importFile("two")
        #expect(try other.setLive(model: "mood", version: 1) == 2)
        #expect(try other.importFile("two") == .known(version: 2, isLive: false))
        #expect(try other.model("mood")?.liveVersion == 1)
    }

    @Test("what was stored comes back", arguments: Backend.all)
    func readsBack(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let store = try place.open()
        _ = try store.importFile("file", model: "b")
        let result = try train("trained", promotion: .never, on: store)
        #expect(
            result
                == Published(
                    version: 1,
                    isPromoted: false,
                    reason: "a test says so"
                )
        )
        #expect(try store.models().map(\.name) == ["b", "mood"])
        let model = try #require(try store.model("mood"))
        #expect(model.liveVersion == nil && model.versionCount == 1 && model.latestVersion == 1)
        #expect(try store.model("none") == nil && store.versions(of: "none").isEmpty)

        let version = try #require(try store.version("mood", 1))
        #expect(version.origin == .job && !version.isLive && version.digest == "digest of trained")
        #expect(
            version.byteCount == 7 && version.parent == nil
                && version.job?.hasPrefix("job-") == true
        )
        #expect(version.metrics == Array("{\"a\":1}".utf8) && version.dataDigest?.count == 64)
        #expect(try store.checkpointBytes("mood", 1) == Array("trained".utf8))
        #expect(try store.checkpointBytes("mood", 2) == nil && store.version("b", 2) == nil)
        #expect(try store.liveVersions().map(\.model) == ["b"])
    }

    @Test(
        "promotes, rolls back, deletes, but never the live version; numbers are not used again",
        arguments: Backend.all
    )
    func managesVersions(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let store = try place.open()
        for text in ["one", "two", "three"] { try train(text, on: store) }
        #expect(try store.version("mood", 3)?.parent == 2)
        #expect(try store.setLive(model: "mood", version: 1) == 3)
        #expect(throws: StoreError.versionIsLive(model: "mood", version: 1)) {
            try store.deleteVersion(model: "mood", version: 1)
        }
        try store.deleteVersion(model: "mood", version: 3)
        #expect(try store.checkpointBytes("mood", 3) == nil)
        #expect(throws: StoreError.unknownVersion(model: "mood", version: 3)) {
            try store.setLive(model: "mood", version: 3)
        }
        #expect(throws: StoreError.unknownModel("x")) {
            try store.deleteVersion(model: "x", version: 1)
        }
        #expect(try train("four", on: store).version == 4)
    }

    @Test(
        "the mark moves with every change, also of another process, and stands still without",
        arguments: Backend.all
    )
    func tellsChanges(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let (server, trainer) = (try place.open(), try place.open())
        var last = try server.changeMark()
        // A server of other tests too has changes that are not of this place.
        func standsStill() throws -> Bool {
            try (0..<1000).contains { _ in
                _ = try (trainer.models(), server.versions(of: "mood"))
                let mark = try server.changeMark()
                _ = try trainer.models()
                return try server.changeMark() == mark
            }
        }
        #expect(try standsStill())
        func moved() throws -> Bool {
            let now = try server.changeMark()
            defer { last = now }
            return now != last
        }
        _ = try server.importFile("one")
        #expect(try moved())
        _ = try trainer.importFile("two")
        #expect(try moved())
        #expect(try standsStill())
    }

    @Test("keeps checkpoints of 64 MiB", arguments: Backend.all)
    func keepsLargeCheckpoints(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let store = try place.open()
        let bytes = [UInt8](repeating: 7, count: 64 << 20)
        _ = try store.importCheckpoint(
            ImportedCheckpoint(
                bytes: bytes,
                digest: "d",
                origin: .upload,
                metrics: []
            ),
            of: "large"
        )
        #expect(try store.checkpointBytes("large", 1) == bytes)
    }
}
