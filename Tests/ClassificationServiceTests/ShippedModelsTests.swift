import ClassificationService
import Foundation
import Testing

@Suite struct ShippedModelsTests {
    private static let models = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "models")

    /// A sentence for each shipped model, and its label.
    private static let sentences = [
        "mood": ("I am not happy right now", "sad"),
        "retail-banking": ("I still have not received my new card", "card_arrival"),
    ]

    private func service() throws -> TestService {
        var files: [String: [UInt8]] = [:]
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.models.path)
        for name in names where name.hasSuffix(".json") || name == "default-model" {
            files[name] = Array(try Data(contentsOf: Self.models.appending(path: name)))
        }
        return try TestService(files: files)
    }

    @Test("every file in models/ loads and answers, and has a card beside it")
    func answers() throws {
        let service = try service()
        #expect(service.get("/readyz").object["status"] as? String == "ready")
        #expect(service.service.servedModels == Self.sentences.keys.sorted())
        for (model, (text, label)) in Self.sentences {
            let answer = service.post("/classify", #"{"model":"\#(model)","text":"\#(text)"}"#)
            #expect(answer.object["label"] as? String == label, "\(answer)")
            let card = Self.models.appending(path: "\(model).md")
            let digest = service.get("/models/\(model)/versions/1").object["digest"] as? String
            #expect(try String(contentsOf: card, encoding: .utf8).contains(digest ?? "none"))
        }
    }

    @Test("without a name the real model answers, not the article's network of 18 words")
    func defaultModel() throws {
        let service = try service()
        let text = "I still have not received my new card"
        let answer = service.post("/classify", #"{"text":"\#(text)"}"#)
        #expect(answer.object["model"] as? String == "retail-banking")
        #expect(answer.object["label"] as? String == "card_arrival")
    }
}
