import ClassificationService
import Digest
import Foundation
import Model
import Store
import TestStores
import Testing

/// Golden cases, and the versions that they keep from becoming live.
@Suite struct GoldenTests {
    let service: TestService

    /// Version 1 says that "happy" is happy; version 2, a candidate, has it the wrong way round.
    init() throws {
        service = try TestService()
        let bytes = try checkpoint(model: "mood", weight: -2).encoded()
        _ = try service.store.importCheckpoint(
            ImportedCheckpoint(
                bytes: bytes,
                digest: SHA256.hexadecimal(of: bytes),
                origin: .upload,
                metrics: Array("{}".utf8)
            ),
            of: "mood"
        )
    }

    static let cases = #"{"cases":[{"text":"happy","label":"happy"},{"text":"sad","label":"sad"}]}"#

    private var live: Int? {
        service.post("/classify", #"{"text":"happy"}"#).object["version"] as? Int
    }

    @Test("cases are stored, shown, and asked of the version that serves")
    func stores() throws {
        let empty = service.get("/models/mood/golden").object
        #expect((empty["cases"] as? [Any])?.count == 0)
        #expect(empty["revision"] as? Int == 0)
        let answer = service.put("/models/mood/golden", Self.cases)
        #expect(answer.status == 200, "\(answer)")
        #expect(answer.object["revision"] as? Int == 1)
        #expect(answer.object["version"] as? Int == 1)
        let check = try #require(answer.object["check"] as? [String: Any])
        #expect(check["passed"] as? Int == 2)
        #expect(service.get("/models/mood/golden").body == answer.body)
        let bad = #"{"cases":[{"text":"happy","label":"sad"}]}"#
        let failing = service.put("/models/mood/golden", bad).object["check"] as? [String: Any]
        let failures = failing?["failures"] as? [[String: Any]]
        #expect(failures?.first?["text"] as? String == "happy")
        #expect(failures?.first?["answer"] as? String == "happy")
        #expect(service.get("/models/none/golden").status == 404)
        #expect(service.put("/models/new/golden", Self.cases).object["check"] is NSNull)
        #expect(service.get("/models/new/golden").status == 200)
    }

    @Test(
        "bad cases are refused with their pointer, and the old ones stay",
        arguments: [
            (#"{}"#, ["/cases"]), (#"{"cases":[{"text":"a"}]}"#, ["/cases/0/label"]),
            (
                #"{"cases":[{"text":"a","label":"b"},{"text":"a","label":"c"}]}"#,
                ["/cases/1/text"]
            ),
        ]
    )
    func refuses(_ body: String, _ pointers: [String]) {
        _ = service.put("/models/mood/golden", Self.cases)
        let answer = service.put("/models/mood/golden", body)
        #expect(answer.status == 422)
        #expect(answer.pointers == pointers)
        #expect(service.get("/models/mood/golden").object["revision"] as? Int == 1)
    }

    @Test("a version that fails a case does not become live, unless forced, and the case is named")
    func blocksPromotion() throws {
        _ = service.put("/models/mood/golden", Self.cases)
        let refused = service.put("/models/mood/live", #"{"version":2}"#)
        #expect(refused.status == 409 && refused.code == "golden_failed")
        let golden = try #require(refused.object["golden"] as? [String: Any])
        let failures = try #require(golden["failures"] as? [[String: Any]])
        #expect(failures.compactMap { $0["text"] as? String } == ["happy", "sad"])
        #expect(failures[0]["answer"] as? String == "sad")
        #expect(live == 1)
        #expect(
            service.put("/models/mood/live", #"{"version":2,"force":1}"#).pointers == ["/force"]
        )
        let forced = service.put("/models/mood/live", #"{"version":2,"force":true}"#)
        #expect(forced.status == 200 && live == 2)
        #expect(service.put("/models/mood/live", #"{"version":1}"#).status == 200)
        #expect(live == 1)
    }

    @Test("putting a version live takes effect within a second, a hundred times")
    func isQuick() {
        _ = service.put("/models/mood/golden", #"{"cases":[]}"#)
        var slowest = Duration.zero
        for round in 1...100 {
            let version = round % 2 + 1
            let start = ContinuousClock.now
            #expect(service.put("/models/mood/live", #"{"version":\#(version)}"#).status == 200)
            #expect(live == version)
            slowest = max(slowest, .now - start)
        }
        #expect(slowest < .seconds(1))
    }
}
