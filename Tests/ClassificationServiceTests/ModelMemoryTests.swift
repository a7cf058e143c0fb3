import Foundation
import HTTPServer
import Memory
import Model
import Testing

@testable import ClassificationService

/// A network with many words, of which one decides; it takes about 512 KiB of memory.
private func large(_ model: String, weight: Float = 2) throws -> Checkpoint {
    let small = try checkpoint(model: model, weight: weight)
    let words = (0..<2000).map { "word\($0)" }
    var tensors = small.tensors
    tensors["w1"] = Tensor(
        shape: [words.count + 3, 1],
        values: [0, 1, -1] + words.map { _ in 0 }
    )
    return Checkpoint(
        model: model,
        architecture: small.architecture,
        labels: small.labels,
        vocabulary: try Vocabulary(words: ["<unk>", "happy", "sad"] + words),
        training: small.training,
        tensors: tensors
    )
}

/// More models than fit into their share of the memory, which is a quarter.
@Suite struct ModelMemoryTests {
    private let memory = MemoryBudget(limit: 5 << 20)
    private let service: TestService
    private static let names = ["a", "b", "c", "d"]

    init() throws {
        let memory = memory
        var files: [String: [UInt8]] = [:]
        for name in Self.names { files["\(name).json"] = try large(name).encoded() }
        service = try TestService(files: files) { $0.memory = memory }
    }

    private func classify(_ model: String) -> Received {
        service.post("/classify", #"{"text":"happy","model":"\#(model)"}"#)
    }

    private func use(_ model: String) {
        let answer = classify(model)
        #expect(answer.status == 200 && answer.object["label"] as? String == "happy")
        letClockTick()
    }

    /// Waits longer than a tick of the clock by which uses are told apart.
    private func letClockTick() { usleep(20_000) }

    private var loaded: [String] { service.service.loadedModels }

    @Test("what rests is listed, ready and counted as what is loaded")
    func lists() throws {
        #expect(loaded == ["a", "b"])
        let ready = service.get("/readyz").object
        #expect(ready["status"] as? String == "ready")
        #expect(ready["models"] as? Int == 4)
        let models = try #require(service.get("/models").object["models"] as? [[String: Any]])
        #expect(models.compactMap { $0["model"] as? String } == Self.names)
        for model in models {
            #expect(model["serving_version"] as? Int == 1)
            #expect(model["labels"] as? [String] == ["happy", "sad"])
        }
        let metrics = service.get("/metrics").text
        for name in Self.names { #expect(metrics.contains("elman_model_info{model=\"\(name)\"")) }
        #expect(metrics.contains("elman_models_loaded 2\n"))
        let golden = service.get("/models/d/golden").object
        #expect(golden["version"] as? Int == 1)
    }

    @Test("a model is loaded at first use, and the least recently used leaves")
    func loadsAtUse() throws {
        for model in ["b", "a", "c"] { use(model) }
        #expect(loaded == ["a", "c"])
        use("a")
        use("d")
        #expect(loaded == ["a", "d"])
        for model in Self.names + Self.names.reversed() { use(model) }
        #expect(loaded.count == 2)
        #expect(memory.reserved(for: .model) < memory.limit / 4 + 1)
    }

    @Test("a request keeps its model, and the memory counts until it lets go")
    func pins() throws {
        let models = service.service.models
        var held: ServedModel? = try models.load("a", version: 1)
        let one = try #require(held).byteCount
        letClockTick()
        for model in ["b", "c", "d"] { use(model) }
        #expect(!loaded.contains("a"))
        #expect(held?.classifier.classify("sad").prediction.labelIndex == 1)
        let before = memory.reserved(for: .model)
        held = nil
        #expect(memory.reserved(for: .model) == before - one)
    }

    @Test("without memory a resting model is 503, and is loaded when there is some again")
    func noMemory() throws {
        let models = service.service.models
        // What requests have in hand leaves no memory behind when it goes.
        let held = try ["a", "b"].map { try models.load($0, version: 1) }
        var taken = memory.reserve(
            memory.limit - memory.reserved(for: .model) - 1000,
            for: .work
        )
        #expect(taken != nil)
        let resting = classify("d")
        #expect(resting.status == 503, "\(resting)")
        #expect(resting.code == "out_of_memory")
        #expect(resting.headers["Retry-After"] != nil)
        taken = nil
        #expect(classify("d").status == 200)
        #expect(held.count == 2)
    }

    @Test("a version that goes live takes the place of one that rests")
    func goesLive() throws {
        let upload = service.send(
            .post,
            "/models/d/versions",
            headers: [("Content-Type", "application/json")],
            body: try large("d", weight: -2).encoded()
        )
        #expect(upload.status == 201, "\(upload)")
        #expect(service.put("/models/d/live", #"{"version":2}"#).status == 200)
        #expect(classify("d").object["label"] as? String == "sad")
        letClockTick()
        for model in ["a", "b", "c"] { use(model) }
        #expect(!loaded.contains("d"))
        let again = classify("d")
        #expect(again.object["version"] as? Int == 2)
        #expect(again.object["label"] as? String == "sad")
        #expect(service.send(.delete, "/models/d").status == 204)
        #expect(classify("d").code == "model_not_found")
    }

    @Test("many requests for a resting model load it once, and all are answered")
    func together() async throws {
        let service = service
        let statuses = await withTaskGroup(of: Int.self) { group in
            for number in 0..<40 {
                group.addTask {
                    let model = Self.names[number % 4]
                    return service.post(
                        "/classify",
                        #"{"text":"happy","model":"\#(model)"}"#
                    ).status
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.allSatisfy { $0 == 200 }, "\(statuses)")
    }
}
