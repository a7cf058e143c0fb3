import ClassificationService
import Foundation
import HTTPServer
import Model
import Testing

/// With the test's network "happy" alone scores 0.95, an unknown word 0.5.
@Suite struct ConfidenceTests {
    let service: TestService

    init() throws { service = try TestService() }

    func results(_ body: String) throws -> [[String: Any]] {
        let answer = service.post("/classify", body)
        #expect(answer.status == 200, "\(answer)")
        return try #require(answer.object["results"] as? [[String: Any]])
    }

    @Test("an answer below min_confidence abstains and keeps its label")
    func abstains() throws {
        let plain = service.post("/classify", #"{"text":"happy"}"#).object
        #expect(plain["abstained"] as? Bool == false)
        let score = try #require(plain["score"] as? Double)
        #expect(score > 0.9 && score < 0.99)
        for (least, isAbstained) in [(0, false), (0.9, false), (0.99, true), (1, true)] {
            let body = "{\"text\":\"happy\",\"min_confidence\":\(least)}"
            let answer = service.post("/classify", body).object
            #expect(answer["abstained"] as? Bool == isAbstained, "\(least)")
            #expect(answer["label"] as? String == "happy")
            #expect(answer["score"] as? Double == score)
        }
        // A score is written in the shortest form that reads back: given back, it is enough.
        let exact = service.post("/classify", "{\"text\":\"happy\",\"min_confidence\":\(score)}")
        #expect(exact.object["abstained"] as? Bool == false)
    }

    @Test("each of several texts abstains by its own score")
    func severalAbstain() throws {
        let body = #"{"texts":["happy","what","sad"],"min_confidence":0.9}"#
        let abstained = try results(body).map { $0["abstained"] as? Bool }
        #expect(abstained == [false, true, false])
    }

    @Test("abstentions are counted by model and version")
    func counts() {
        for body in [
            #"{"texts":["happy","what","sad","who"],"min_confidence":0.9}"#,
            #"{"text":"what","min_confidence":0.9,"explain":true}"#, #"{"text":"what"}"#,
        ] { #expect(service.post("/classify", body).status == 200) }
        let lines = service.get("/metrics").text.split(separator: "\n")
        #expect(lines.contains(#"elman_abstained_total{model="mood",version="1"} 4"#))
        #expect(lines.contains(#"elman_predictions_total{model="mood",label="happy"} 5"#))
    }

    @Test("evidence is the exact change without a word, trajectory the answer behind each word")
    func explains() throws {
        func score(_ text: String) throws -> Float {
            let scores = service.post("/classify", "{\"text\":\"\(text)\"}").object["scores"]
            return Float(try #require((scores as? [String: Double])?["sad"]))
        }
        let answer = service.post("/classify", #"{"text":"Happy \"or sad","explain":true}"#)
        #expect(answer.status == 200, "\(answer)")
        let words = try #require(answer.object["explanation"] as? [[String: Any]])
        #expect(words.map { $0["token"] as? String } == ["happy", "\"", "or", "sad"])
        let whole = try score("Happy \\\"or sad")
        let without = [
            "\\\"or sad", "happy or sad", "happy \\\" sad", "happy \\\"or",
        ]
        let prefixes = ["happy", "happy \\\"", "happy \\\"or", "happy \\\"or sad"]
        for (index, word) in words.enumerated() {
            let evidence = Float(try #require(word["evidence"] as? Double))
            #expect(evidence == whole - (try score(without[index])), "\(index)")
            let trajectory = Float(try #require(word["trajectory"] as? Double))
            #expect(trajectory == (try score(prefixes[index])), "\(index)")
            #expect(word.count == 4 && word["known"] is Bool)
        }
    }

    @Test("an explained answer is the plain one with one member more")
    func isOtherwiseEqual() throws {
        for members in ["", #","top_k":1"#, #","version":1,"min_confidence":0.7"#] {
            let plain = try results(#"{"texts":["happy day","","sad"]"# + members + "}")
            let explained = try results(
                #"{"texts":["happy day","","sad"],"explain":true"# + members + "}"
            )
            for (plain, explained) in zip(plain, explained) {
                var rest = explained
                let words = rest.removeValue(forKey: "explanation") as? [Any]
                #expect(words?.count == plain["tokens"] as? Int)
                #expect(rest as NSDictionary == plain as NSDictionary)
            }
            #expect(plain.allSatisfy { $0["explanation"] == nil })
        }
        let no = service.post("/classify", #"{"text":"happy","explain":false}"#).object
        #expect(no["explanation"] == nil)
    }

    @Test("as many texts are explained as the limit says, whatever the order of members")
    func limits() throws {
        let service = try TestService { $0.limits.explainedTexts = 2 }
        func post(_ body: String) -> Received { service.post("/classify", body) }
        #expect(post(#"{"explain":true,"texts":["a","b"]}"#).status == 200)
        for body in [
            #"{"explain":true,"texts":["a","b","c"]}"#, #"{"texts":["a","b","c"],"explain":true}"#,
        ] {
            #expect(post(body).pointers == ["/texts"])
        }
        #expect(post(#"{"explain":false,"texts":["a","b","c"]}"#).status == 200)
    }

    @Test("what cannot be answered is refused as without explain")
    func refusals() {
        func status(_ body: String) -> String {
            let answer = service.post("/classify", body)
            return "\(answer.status) \(answer.code ?? "")"
        }
        #expect(status(#"{"text":"a","explain":true,"model":"none"}"#) == "404 model_not_found")
        #expect(status(#"{"text":"a","explain":true,"version":9}"#) == "404 version_not_found")
    }
}
