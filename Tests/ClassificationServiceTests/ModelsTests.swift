import ClassificationService
import Digest
import Examples
import Foundation
import HTTPServer
import Logging
import Model
import SQLStore
import SQLiteStore
import Store
import TestStores
import Testing

@Suite struct ModelsTests {
    @Test("models and versions are described, checkpoints come back byte for byte")
    func describes() throws {
        let bytes = try checkpoint(model: "mood").encoded()
        let service = try TestService(files: ["a.json": bytes])
        let models = service.get("/models").object["models"] as? [[String: Any]] ?? []
        #expect(models.count == 1)
        #expect(models.first?["model"] as? String == "mood")
        #expect(models.first?["default"] as? Bool == true)
        #expect(models.first?["live_version"] as? Int == 1)
        #expect(models.first?["labels"] as? [String] == ["happy", "sad"])
        let card = service.get("/models/mood").object
        #expect((card["history"] as? [Any])?.count == 1)
        let version = service.get("/models/mood/versions/1").object
        let digest = SHA256.hexadecimal(of: bytes)
        #expect(version["digest"] as? String == digest)
        #expect(version["live"] as? Bool == true)
        #expect(version["source"] as? String == "file")
        let metrics = version["metrics"] as? [String: Any]
        #expect((metrics?["train"] as? [String: Any])?["accuracy"] as? Double == 1)
        let download = service.get("/models/mood/versions/1/checkpoint")
        #expect(download.body == bytes)
        #expect(download.headers["ETag"] == "\"\(digest)\"")
        let again = service.send(
            .get,
            "/models/mood/versions/1/checkpoint",
            headers: [("If-None-Match", "\"x\", \"\(digest)\"")]
        )
        #expect(again.status == 304)
        #expect(again.body.isEmpty)
    }

    @Test("the card of an imported version has its scores, and what was asked, run and chosen")
    func metrics() throws {
        var trained = try checkpoint(model: "mood")
        trained.training.heldOut = .init(rows: 9, accuracy: 0.75, macroF1: 0.5, loss: 0.25)
        trained.training.coverage = [.init(accuracy: 0.9, threshold: 0.625, coverage: 0.5)]
        trained.training.choice = "a GRU, for a reason"
        trained.training.baselines = [.init(name: "majority", accuracy: 0.5, macroF1: 0.25)]
        trained.training.options.epochs = 20
        trained.training.epochs = .init(asked: 20, paths: [.init(name: "linear", run: 9, kept: 5)])
        let service = try TestService(files: ["a.json": trained.encoded()])
        let card = service.get("/models/mood/versions/1").object
        let metrics = try #require(card["metrics"] as? NSDictionary)
        let expected: NSDictionary = [
            "train": ["rows": 2, "accuracy": 1, "macro_f1": 1, "loss": 0.1],
            "held_out": ["rows": 9, "accuracy": 0.75, "macro_f1": 0.5, "loss": 0.25],
            "coverage": [["accuracy": 0.9, "threshold": 0.625, "coverage": 0.5]],
            "choice": "a GRU, for a reason",
            "options": [
                "recipe": "auto", "seed": 1, "epochs": 20, "hidden": 48, "learning_rate": 0.003,
            ],
            "given": ["epochs"],
            "epochs": ["asked": 20, "paths": [["path": "linear", "run": 9, "kept": 5]]],
            "baselines": [["name": "majority", "accuracy": 0.5, "macro_f1": 0.25]],
        ]
        #expect(metrics == expected)
    }

    @Test("a file is imported once, and a newer one takes over from an older")
    func imports() throws {
        let old = try checkpoint(model: "mood", weight: 2).encoded()
        let first = try TestService(files: ["a.json": old])
        let directory = first.directory
        first.service.stop()
        let same = try TestService(files: [:], directory: directory)
        #expect(same.get("/models/mood").object["versions"] as? Int == 1)
        same.service.stop()
        let new = try checkpoint(model: "mood", weight: 3).encoded()
        let newer = try TestService(files: ["a.json": new], directory: directory)
        #expect(newer.post("/classify", #"{"text":"a"}"#).object["version"] as? Int == 2)
        withExtendedLifetime((first, same)) {}
    }

    @Test("rolling back takes effect with the answer, and versions stay addressable")
    func rollsBack() throws {
        let service = try TestService()
        let bytes = try checkpoint(model: "mood", weight: 3).encoded()
        _ = try service.store.importCheckpoint(
            ImportedCheckpoint(
                bytes: bytes,
                digest: SHA256.hexadecimal(of: bytes),
                origin: .upload,
                metrics: Array("{}".utf8)
            ),
            of: "mood"
        )
        func live() -> Int? {
            service.post("/classify", #"{"text":"happy"}"#).object["version"] as? Int
        }
        for version in [2, 1, 2, 1] {
            let answer = service.put("/models/mood/live", "{\"version\":\(version)}")
            #expect(answer.status == 200, "\(answer)")
            #expect(answer.object["live"] as? Bool == true)
            #expect(live() == version)
        }
        let other = service.post("/classify", #"{"text":"happy","version":2}"#)
        #expect(other.object["version"] as? Int == 2)
        #expect(service.put("/models/mood/live", #"{"version":3}"#).code == "version_not_found")
        #expect(service.put("/models/none/live", #"{"version":1}"#).code == "model_not_found")
        #expect(service.put("/models/mood/live", #"{"version":"1"}"#).pointers == ["/version"])
        #expect(service.put("/models/mood/live", #"{"v":1}"#).pointers == ["/v", "/version"])
    }

    @Test("a version that cannot be loaded is never served: the old one stays, and it shows")
    func refusesBadVersion() throws {
        let service = try TestService()
        let job = NewJob(
            model: "mood",
            options: Array("{}".utf8),
            promotion: .always,
            examples: [Example(label: "happy", text: "a"), Example(label: "sad", text: "b")]
        )
        _ = try service.store.submit(job: job)
        let claimed = try #require(try service.store.claim(worker: "w", lease: .seconds(30)))
        let bytes = Array("{\"format\":\"elman-checkpoint\"}".utf8)
        _ = try service.store.publish(
            Publication(
                checkpoint: bytes,
                digest: SHA256.hexadecimal(of: bytes),
                metrics: Array("{}".utf8),
                decision: Decision(
                    isPromoted: true,
                    reason: "a test says so",
                    comparedWith: claimed.live?.version,
                    goldenRevision: 0
                )
            ),
            claim: claimed.claim
        )
        // The service looks every 5 ms; far longer than it can need.
        let end = ContinuousClock.now + .seconds(20)
        while service.get("/readyz").object["status"] as? String != "degraded",
            ContinuousClock.now < end
        { usleep(2000) }
        let ready = service.get("/readyz")
        #expect(ready.status == 200)
        let problem = (ready.object["problems"] as? [[String: Any]])?.first
        #expect(problem?["model"] as? String == "mood")
        #expect(problem?["version"] as? Int == 2)
        #expect(service.post("/classify", #"{"text":"a"}"#).object["version"] as? Int == 1)
        let card = service.get("/models/mood").object
        #expect(card["live_version"] as? Int == 2)
        #expect(card["serving_version"] as? Int == 1)
        let again = service.put("/models/mood/live", #"{"version":2}"#)
        #expect(again.status == 422)
        #expect(again.code == "version_unusable")
        #expect(service.put("/models/mood/live", #"{"version":1}"#).status == 200)
        #expect(service.get("/readyz").object["status"] as? String == "ready")
    }

    @Test("a stored checkpoint that was damaged is never served: of 200 flipped bits none is")
    func damagedInStore() throws {
        let service = try TestService()
        let good = try checkpoint(model: "mood", weight: 3).encoded()
        let put = #"{"version":2}"#
        _ = try service.store.importCheckpoint(
            ImportedCheckpoint(
                bytes: good,
                digest: SHA256.hexadecimal(of: good),
                origin: .upload,
                metrics: Array("{}".utf8)
            ),
            of: "mood"
        )
        let path = service.directory + "/elman.sqlite"
        let database = try SQLConnection(path: path, purpose: .readWrite)
        for bit in 0..<200 {
            var bytes = good
            let place = bit * 7919 % (bytes.count * 8)
            bytes[place / 8] ^= 1 << (place % 8)
            let damaged = bytes
            try database.run("UPDATE checkpoints SET bytes = ? WHERE number = 2", .blob(damaged))
            #expect(service.put("/models/mood/live", put).code == "version_unusable")
        }
        #expect(service.post("/classify", #"{"text":"a"}"#).object["version"] as? Int == 1)
    }

    @Test("who is refused a change finds readiness degraded at once, until a change is kept again")
    func refusedChange() throws {
        let directory = NSTemporaryDirectory() + "elman-\(UUID().uuidString)"
        let store = try SQLiteStore(directory: directory)
        // So seldom that nothing but the request can have noticed.
        let service = try TestService(directory: directory, store: store) {
            $0.pollInterval = .seconds(3600)
        }
        func status() -> String? { service.get("/readyz").object["status"] as? String }
        let rows = (0..<2_000).map { #"{"text":"some words to fill pages \#($0)","label":"b"}"# }
        let body = #"{"examples":[\#(rows.joined(separator: ","))]}"#
        for _ in 0..<3 {
            // SQLite's own limit gives the same code as a full disk.
            try store.write(locks: [], isDurable: true) { connection throws(StoreError) in
                _ = try connection.row("PRAGMA max_page_count = 30") { _ in true }
            }
            #expect(service.post("/models/mood/examples", body).status == 507)
            #expect(status() == "degraded")
            try store.write(locks: [], isDurable: true) { connection throws(StoreError) in
                _ = try connection.row("PRAGMA max_page_count = 1073741823") { _ in true }
            }
            #expect(status() == "ready")
        }
    }

    @Test("one bad file among good ones: the rest serves, and readiness names it")
    func badFile() throws {
        let good = try checkpoint(model: "good").encoded()
        var flipped = try checkpoint(model: "flipped").encoded()
        flipped[flipped.count / 2] ^= 1
        let service = try TestService(files: [
            "bad.json": Array("{}".utf8), "flipped.json": flipped, "good.json": good,
            "notes.txt": Array("no model".utf8),
        ])
        let ready = service.get("/readyz")
        #expect(ready.status == 200)
        #expect(ready.object["status"] as? String == "degraded")
        let problems = (ready.object["problems"] as? [[String: String]] ?? [])
            .compactMap { $0["detail"] }
        #expect(problems.count == 2)
        #expect(problems.contains { $0.contains("bad.json") })
        #expect(problems.contains { $0.contains("flipped.json") })
        #expect(!ready.text.contains(service.directory))
        #expect(service.service.servedModels == ["good"])
    }

    @Test("the default model is the named one, else the oldest")
    func defaultModel() throws {
        let files = [
            "1.json": try checkpoint(model: "zebra").encoded(),
            "2.json": try checkpoint(model: "ant").encoded(),
        ]
        func model(_ service: TestService) -> String? {
            service.post("/classify", #"{"text":"a"}"#).object["model"] as? String
        }
        #expect(model(try TestService(files: files)) == "zebra")
        #expect(model(try TestService(files: files) { $0.defaultModel = "ant" }) == "ant")
    }

    @Test(
        "the file default-model names the oldest model of a new store, and changes no other store",
        arguments: ["zebra", "zebra\n", " zebra \r\nant\n"]
    )
    func defaultModelFile(line: String) throws {
        let files = [
            "ant.json": try checkpoint(model: "ant").encoded(),
            "zebra.json": try checkpoint(model: "zebra").encoded(),
        ]
        func model(_ service: TestService) -> String? {
            service.post("/classify", #"{"text":"a"}"#).object["model"] as? String
        }
        let named = files.merging(["default-model": Array(line.utf8)]) { _, new in new }
        #expect(model(try TestService(files: named)) == "zebra")
        let old = try TestService(files: files)
        #expect(model(old) == "ant")
        old.service.stop()
        #expect(model(try TestService(files: named, directory: old.directory)) == "ant")
    }

    @Test("a file default-model with nothing in it changes nothing; one that names no file is told")
    func defaultModelFileOfNothing() throws {
        let file = try checkpoint(model: "ant").encoded()
        for line in ["", "\n", " \nant"] {
            let service = try TestService(files: [
                "ant.json": file, "default-model": Array(line.utf8),
            ])
            #expect(service.get("/readyz").object["status"] as? String == "ready", "\(line)")
        }
        let service = try TestService(
            files: ["ant.json": file, "default-model": Array("bee\n".utf8)]
        )
        let ready = service.get("/readyz")
        #expect(ready.object["status"] as? String == "degraded")
        #expect(ready.text.contains("bee.json"), "\(ready.text)")
        #expect(service.post("/classify", #"{"text":"a"}"#).object["model"] as? String == "ant")
    }

    @Test("a service that never started goes without a trace")
    func neverStarted() throws {
        let service = try TestService()
        service.service.stop()
        _ = ClassificationService(
            store: service.store,
            settings: ServiceSettings(),
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    @Test("a models directory that is not there stops the start with a sentence")
    func missingDirectory() throws {
        let service = try TestService()
        #expect(throws: ModelDirectoryError.self) {
            try service.service.start(models: service.directory + "/none")
        }
    }
}
