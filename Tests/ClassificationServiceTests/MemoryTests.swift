import ClassificationService
import Foundation
import HTTPServer
import Memory
import Model
import Testing

/// What is told when memory is spent, and that it is free again afterwards.
@Suite struct MemoryTests {
    private static let json = [(name: "Content-Type", value: "application/json")]

    private static func rows(_ count: Int) -> String {
        let rows = (0..<count).map { #"{"text":"some text \#($0)","label":"l\#($0 % 2)"}"# }
        return #"{"model":"m","examples":["# + rows.joined(separator: ",") + "]}"
    }

    private static func texts(_ count: Int) -> String {
        let texts = (0..<count).map { #""text \#($0)""# }
        return #"{"texts":["# + texts.joined(separator: ",") + "]}"
    }

    /// Everything that takes memory, with the status that it has when there is enough.
    private static let requests: [(target: String, type: String, body: String, status: Int)] = [
        ("/train", "application/json", rows(3000), 202),
        (
            "/train?model=m", "text/csv",
            "label,text\n" + (0..<8000).map { "l\($0 % 2),some text \($0)\n" }.joined(), 202
        ),
        (
            "/train?model=m", "application/jsonl",
            (0..<3000).map { #"{"text":"some text \#($0)","label":"\#($0 % 2)"}"# + "\n" }.joined(),
            202
        ),
        ("/classify", "application/json", texts(8000), 200),
    ]

    private func service(_ memory: MemoryBudget) throws -> TestService {
        try TestService {
            $0.memory = memory
            $0.limits.classifyBodyBytes = 1 << 20
            $0.limits.texts = 100_000
        }
    }

    @Test("answers 503 while the memory is spent, then as ever", arguments: requests.indices)
    func spent(index: Int) throws {
        let memory = MemoryBudget(limit: 16 << 20)
        let service = try service(memory)
        let (target, type, body, status) = Self.requests[index]
        func send() -> Received {
            service.send(
                .post,
                target,
                headers: [("Content-Type", type)],
                body: Array(body.utf8)
            )
        }
        do {
            let taken = memory.reserve((16 << 20) - 100_000, for: .model)
            #expect(taken != nil)
            let refused = send()
            #expect(refused.status == 503, "\(refused)")
            #expect(refused.code == "out_of_memory")
            #expect(refused.headers["Retry-After"] == "1")
            #expect(refused.text.contains("--memory"))
            // What is small goes on.
            #expect(service.post("/classify", #"{"text":"happy"}"#).status == 200)
        }
        #expect(send().status == status)
        // The thread that answered lets go a moment later.
        let uses: [MemoryBudget.Use] = [.body, .work, .answer]
        let end = ContinuousClock.now + .seconds(10)
        while uses.contains(where: { memory.reserved(for: $0) > 0 }), ContinuousClock.now < end {
            usleep(1000)
        }
        for use in uses { #expect(memory.reserved(for: use) == 0, "\(use)") }
    }

    @Test("a body that can never be read says so, and the way out")
    func neverFits() throws {
        let memory = MemoryBudget(limit: 2 << 20)
        let service = try service(memory)
        let answer = service.post("/train", Self.rows(20_000))
        #expect(answer.status == 413, "\(answer)")
        #expect(answer.code == "body_too_large")
        #expect(answer.text.contains("--memory") && answer.text.contains("in parts"))
    }

    @Test("an answer beyond 16 MiB is refused before it is made, with the way out")
    func answerTooLarge() throws {
        let labels = (0..<1000).map { "a label with a rather long name, number \($0)" }
        let bytes = try checkpoint(model: "wide", labels: labels).encoded()
        let service = try TestService(files: ["wide.json": bytes]) {
            $0.limits.texts = 1000
            $0.memory = MemoryBudget(limit: 512 << 20)
        }
        let refused = service.post("/classify", Self.texts(500))
        #expect(refused.status == 422, "\(refused)")
        #expect(refused.pointers == ["/top_k"])
        #expect(refused.text.contains("16 MiB"))
        #expect(service.post("/classify", Self.texts(100)).status == 200)
        let asked = Self.texts(500).dropLast() + #","top_k":3}"#
        #expect(service.post("/classify", String(asked)).status == 200)
        let most = Self.texts(500).dropLast() + #","top_k":1000}"#
        #expect(service.post("/classify", String(most)).status == 422)
    }

    @Test("the size of an answer is never underestimated", arguments: [nil, 1, 3, 1000])
    func estimates(topK: Int?) throws {
        let labels = (0..<40).map { "label \"\($0)\"" }
        let bytes = try checkpoint(model: "wide", labels: labels).encoded()
        let memory = MemoryBudget(limit: 512 << 20)
        let service = try TestService(files: ["wide.json": bytes]) {
            $0.limits.texts = 1000
            $0.memory = memory
        }
        let end = topK.map { #","top_k":\#($0)}"# } ?? "}"
        let answer = service.post("/classify", Self.texts(900).dropLast() + end)
        #expect(answer.status == 200)
        // It takes as much as was estimated, so a budget of its own size must refuse it.
        let taken = memory.reserve((512 << 20) - answer.body.count, for: .model)
        let refused = service.post("/classify", Self.texts(900).dropLast() + end)
        #expect(taken != nil && (refused.status == 503 || answer.body.count <= 65_536))
    }

    @Test("metrics tell the budget and what is taken")
    func metrics() throws {
        let memory = MemoryBudget(limit: 20 << 20)
        let service = try service(memory)
        let taken = memory.reserve(1000, for: .download)
        let text = service.get("/metrics").text
        #expect(text.contains("elman_memory_limit_bytes 20971520\n"))
        #expect(text.contains("elman_memory_reserved_bytes{use=\"download\"} 1000\n"))
        #expect(text.contains("elman_memory_refused_total 0\n"))
        #expect(taken != nil)
    }
}
