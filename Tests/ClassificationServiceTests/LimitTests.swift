import ClassificationService
import HTTPServer
import Testing

/// What a request over a limit is told: the limit, the option that sets it, and the other way.
@Suite struct LimitTests {
    let service: TestService

    init() throws {
        service = try TestService {
            $0.limits.examples = 3
            $0.limits.labels = 2
            $0.limits.texts = 2
            $0.limits.explainedTexts = 1
            $0.limits.storedExamples = 4
            $0.limits.trainBodyBytes = 1 << 20
            $0.limits.classifyBodyBytes = 12_000
        }
    }

    private static let four = (0..<4).map { #"{"text":"t\#($0)","label":"l\#($0 % 2)"}"# }
    private static let lines = (0..<4).map { "l\($0 % 2),t\($0)\n" }.joined()
    private static let large = String(repeating: " ", count: (1 << 20) + 1)

    private static let requests:
        [(target: String, type: String, body: String, status: Int, says: [String])] = [
            ("/train?model=m", "text/csv", lines, 422, ["3 rows", "--max-examples", "/examples"]),
            (
                "/train?model=m", "application/json", "[\(four.joined(separator: ","))]", 422,
                ["from 2 to 3 rows", "there are 4", "--max-examples", "/models/{model}/examples"]
            ),
            (
                "/models/m/examples", "application/json",
                #"{"examples":[\#(four.joined(separator: ","))]}"#, 422,
                ["from 1 to 3 examples", "--max-examples", "further requests"]
            ),
            ("/models/mood/evaluate", "text/csv", lines, 422, ["--max-examples", "in parts"]),
            (
                "/train?model=m", "text/csv", "a,x\nb,y\nc,z\n", 422,
                ["3 different labels, more than 2", "--max-labels"]
            ),
            ("/classify", "application/json", #"{"texts":["a","b","c"]}"#, 422, ["--max-texts"]),
            (
                "/classify", "application/json", #"{"texts":["a","b"],"explain":true}"#, 422,
                ["--max-explained"]
            ),
            (
                "/train?model=m", "text/csv", large, 413,
                ["1 MiB", "--train-body-bytes", "/examples"]
            ),
            ("/models/m/examples", "text/csv", large, 413, ["1 MiB", "--train-body-bytes"]),
            (
                "/classify", "application/json", large, 413,
                ["12000 bytes", "--classify-body-bytes"]
            ),
        ]

    @Test("the refusal names limit, option and the other way", arguments: 0..<10)
    func namesLimits(index: Int) {
        let (target, type, body, status, says) = Self.requests[index]
        let answer = service.send(
            .post,
            target,
            headers: [(name: "Content-Type", value: type)],
            body: Array(body.utf8)
        )
        #expect(answer.status == status, "\(answer)")
        for part in says { #expect(answer.text.contains(part), "\(answer)") }
    }

    @Test("the data set of a model has a limit that names its option")
    func namesStoredLimit() {
        let rows = Self.four.prefix(3).joined(separator: ",")
        #expect(service.post("/models/m/examples", #"{"examples":[\#(rows)]}"#).status == 200)
        let more = (0..<2).map { #"{"text":"u\#($0)","label":"a"}"# }.joined(separator: ",")
        let answer = service.post("/models/m/examples", #"{"examples":[\#(more)]}"#)
        #expect(answer.code == "data_set_full" && answer.text.contains("--max-stored-examples"))
    }

    @Test("150 labels, as in CLINC150, and 1,000 are taken as they are", arguments: [150, 1000])
    func takesManyLabels(count: Int) throws {
        let service = try TestService()
        let body = (0..<(2 * count)).map { "label \($0 % count),text \($0)\n" }.joined()
        let type = [(name: "Content-Type", value: "text/csv")]
        let answer = service.send(.post, "/train?model=m", headers: type, body: Array(body.utf8))
        #expect(answer.status == 202, "\(answer)")
    }
}
