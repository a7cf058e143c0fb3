import Foundation
import HTTPServer
import Model
import Testing

@testable import ClassificationService

/// The sequence extension of the Open Inference Protocol.
@Suite struct SequenceTests {
    private let service: TestService

    init() throws { service = try TestService() }

    private func body(_ text: String, _ parameters: String) -> String {
        #"""
        {"inputs":[{"name":"t","shape":[1],"datatype":"BYTES","data":["\#(text)"]}],
         "parameters":{\#(parameters)}}
        """#
    }

    private func send(_ text: String, _ parameters: String) -> Received {
        service.post("/v2/models/mood/infer", body(text, parameters))
    }

    private func outputs(_ answer: Received) -> NSArray? { answer.object["outputs"] as? NSArray }

    private func error(_ answer: Received) -> String {
        #expect(answer.object.count == 1, "\(answer)")
        return answer.object["error"] as? String ?? ""
    }

    @Test(
        "each part is answered as all parts at once, and the parameters come back",
        arguments: ["7", "18446744073709551615", #""chat \u00fc""#, #""7""#]
    )
    func parts(id: String) throws {
        var whole = ""
        let texts = ["hap", "py I am, ", "not s", "ad but happy", "!"]
        for (index, text) in texts.enumerated() {
            whole += text
            let (isStart, isEnd) = (index == 0, index == texts.count - 1)
            let flags = #","sequence_start":\#(isStart),"sequence_end":\#(isEnd)"#
            let answer = send(text, #""sequence_id":\#(id)\#(isStart || isEnd ? flags : "")"#)
            #expect(answer.status == 200, "\(answer)")
            #expect(outputs(answer) == outputs(send(whole, "")))
            let parameters = try #require(answer.object["parameters"] as? [String: Any])
            #expect(parameters["sequence_start"] as? Bool == isStart)
            #expect(parameters["sequence_end"] as? Bool == isEnd)
            let sent = try JSONSerialization.jsonObject(with: Data("[\(id)]".utf8)) as? NSArray
            #expect(parameters["sequence_id"] as? NSObject == sent?[0] as? NSObject)
        }
        #expect(send(whole, "").object["parameters"] == nil)
        // It has ended.
        #expect(send("x", #""sequence_id":\#(id)"#).status == 400)
    }

    @Test("a sequence must have begun; one that starts again is read anew")
    func start() {
        let refused = send("sad", #""sequence_id":7"#)
        #expect(refused.status == 400 && error(refused).contains("sequence_start"))
        #expect(send("sad", #""sequence_id":7,"sequence_end":true"#).status == 400)
        #expect(send("sad ", #""sequence_id":7,"sequence_start":true"#).status == 200)
        // A number, a text and a session of the native way are three.
        #expect(send("sad ", #""sequence_id":"7""#).status == 400)
        _ = service.post("/classify", #"{"text":"sad","session":"8"}"#)
        #expect(send("sad ", #""sequence_id":8"#).status == 400)
        let again = send("happy", #""sequence_id":7,"sequence_start":true"#)
        #expect(outputs(again) == outputs(send("happy", "")))
        let only = #""sequence_id":9,"sequence_start":true,"sequence_end":true"#
        #expect(outputs(send("sad", only)) == outputs(send("sad", "")))
        #expect(send("sad", #""sequence_id":9"#).status == 400)
        // No sequence at all.
        for none in [#""sequence_id":0"#, #""sequence_id":"""#, #""sequence_id":null"#] {
            let answer = send("sad", none)
            #expect(answer.status == 200 && answer.object["parameters"] == nil, "\(answer)")
        }
    }

    @Test("what is wrong is said in the words of the protocol")
    func refusals() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let file = try Data(contentsOf: root.appending(path: "models/retail-banking.json"))
        let service = try TestService(
            files: [
                "retail-banking.json": Array(file),
                "mood.json": try checkpoint(model: "mood").encoded(),
            ]
        ) {
            $0.limits.sessions = 1
            $0.limits.textBytes = 20
        }
        func send(_ model: String, _ text: String, _ parameters: String) -> Received {
            service.post("/v2/models/\(model)/infer", body(text, parameters))
        }
        let start = #""sequence_id":7,"sequence_start":true"#
        let other = send("retail-banking", "card", start)
        #expect(other.status == 400 && error(other).hasPrefix("/parameters/sequence_id: "))
        #expect(send("mood", "sad ", start).status == 200)
        let full = send("mood", "sad", #""sequence_id":8,"sequence_start":true"#)
        #expect(full.status == 503 && error(full).contains(#""sequence_end""#))
        let long = send("mood", "sad sad sad sad sad sad", #""sequence_id":7"#)
        #expect(long.status == 400 && error(long).hasPrefix("/inputs/0/data: "))
        // What was refused was not read.
        let kept = send("mood", "happy", #""sequence_id":7,"sequence_end":true"#)
        #expect(outputs(kept) == outputs(send("mood", "sad happy", "")))
    }
}
