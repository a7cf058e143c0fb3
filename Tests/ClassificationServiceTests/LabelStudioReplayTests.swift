import Digest
import Foundation
import Model
import Store
import TestStores
import Testing

@testable import ClassificationService

/// What a real Label Studio 1.23 sent, from the connection to the second predictions;
/// `scripts/interop label-studio` records it.
@Suite struct LabelStudioReplayTests {
    private struct Recorded: Decodable {
        let method: String
        let path: String
        let status: Int
        let body: String
    }

    private static let recorded: [Recorded] = {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appending(path: "Fixtures/label-studio.jsonl")
        let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").compactMap {
            try? JSONDecoder().decode(Recorded.self, from: Data($0.utf8))
        }
    }()

    /// What `trainer work` would do with the job that waits.
    private func train(_ service: TestService) throws {
        let claimed = try #require(try service.store.claim(worker: "w", lease: .seconds(30)))
        #expect(claimed.job.rowCount == 12)
        let bytes = try checkpoint(model: "desk", labels: ["card", "refund"]).encoded()
        let publication = Publication(
            checkpoint: bytes,
            digest: SHA256.hexadecimal(of: bytes),
            metrics: Array("{}".utf8),
            decision: Decision(
                isPromoted: true,
                reason: "a test says so",
                comparedWith: nil,
                goldenRevision: claimed.golden.revision
            )
        )
        _ = try service.store.publish(publication, claim: claimed.claim)
        for _ in 0..<2000 where service.service.models.snapshot.cards["desk"] == nil {
            usleep(1000)
        }
    }

    @Test("the recorded requests are answered as they were")
    func replays() throws {
        let service = try TestService()
        #expect(Self.recorded.count > 20)
        var versions: [String] = []
        for request in Self.recorded {
            let answer =
                request.method == "GET"
                ? service.get(request.path) : service.post(request.path, request.body)
            #expect(answer.status == request.status, "\(request.path): \(answer)")
            if request.body.contains("START_TRAINING") { try train(service) }
            guard request.path.hasSuffix("/predict") else { continue }
            let results = try #require(answer.object["results"] as? [[String: Any]])
            #expect(results.count == 30)
            versions += Set(results.compactMap { $0["model_version"] as? String })
            let filled = results.count { ($0["result"] as? [Any])?.isEmpty == false }
            #expect(filled == (versions.count == 1 ? 0 : 30))
        }
        #expect(versions == ["v0", "v1"])
        let rows = service.get("/models/desk/examples?source=label-studio").object["examples"]
        #expect((rows as? [[String: Any]])?.count == 12)
    }
}
