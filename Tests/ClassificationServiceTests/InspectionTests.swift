import HTTPServer
import Testing

@Suite struct InspectionServiceTests {
    let service: TestService

    init() throws { service = try TestService() }

    @Test("POST /inspect tells states, gradients and probabilities, word by word")
    func inspects() throws {
        let answer = service.post("/inspect", #"{"text":"happy sad","model":"mood","label":"sad"}"#)
        #expect(answer.status == 200, "\(answer)")
        let object = answer.object
        #expect(object["cell"] as? String == "elman" && object["hidden"] as? Int == 1)
        #expect(object["target"] as? String == "sad" && object["version"] as? Int == 1)
        let directions = try #require(object["directions"] as? [[String: Any]])
        let steps = try #require(directions.first?["steps"] as? [[String: Any]])
        #expect(steps.map { $0["token"] as? String } == ["happy", "sad"])
        for step in steps {
            #expect((step["state"] as? [Double])?.count == 1)
            #expect(step["gradient_norm"] as? Double != nil)
        }
    }

    @Test(
        "what cannot be inspected is refused with its place",
        arguments: [
            (#"{"text":"zorblax"}"#, 422, "/text"), (#"{"model":"mood"}"#, 422, "/text"),
            (#"{"text":1}"#, 422, "/text"), (#"{"text":"happy","label":"glad"}"#, 422, "/label"),
            (#"{"text":"happy","version":0}"#, 422, "/version"),
            (#"{"text":"happy","explain":true}"#, 422, "/explain"),
            (#"{"text":"happy","version":7}"#, 404, nil),
            (#"{"text":"happy","model":"nothing"}"#, 404, nil), ("[]", 422, ""),
        ] as [(String, Int, String?)]
    )
    func refuses(body: String, status: Int, pointer: String?) {
        let answer = service.post("/inspect", body)
        #expect(answer.status == status, "\(answer)")
        let errors = answer.object["errors"] as? [[String: Any]]
        #expect(errors?.first?["pointer"] as? String == pointer)
    }
}
