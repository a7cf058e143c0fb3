import Foundation
import HTTPServer
import Model
import Testing

@testable import ClassificationService

/// `session` on POST /classify.
@Suite struct SessionTests {
    private func piece(_ text: String, _ session: String, _ more: String = "") -> String {
        #"{"text":"\#(text)","session":"\#(session)"\#(more)}"#
    }

    @Test("each piece is answered as all pieces at once, until the session ends")
    func pieces() throws {
        let service = try TestService()
        var whole = ""
        for text in ["hap", "py I am, ", "not s", "ad but happy happy", "!"] {
            whole += text
            let answer = service.post("/classify", piece(text, "chat-1"))
            #expect(answer.status == 200, "\(answer)")
            #expect(answer.body == service.post("/classify", #"{"text":"\#(whole)"}"#).body)
        }
        let other = service.post("/classify", piece("sad", "chat-2")).object
        #expect(other["label"] as? String == "sad")
        let last = service.post("/classify", piece(" sad", "chat-1", #","session_end":true"#))
        #expect(last.body == service.post("/classify", #"{"text":"\#(whole) sad"}"#).body)
        let anew = service.post("/classify", piece("sad", "chat-1"))
        #expect(anew.body == service.post("/classify", #"{"text":"sad"}"#).body)
        let plain = service.send(
            .post,
            "/classify?session=chat-1",
            headers: [("Content-Type", "text/plain")],
            body: Array(" happy".utf8)
        )
        #expect(plain.body == service.post("/classify", #"{"text":"sad happy"}"#).body)
    }

    @Test("a session keeps its version, and belongs to its token")
    func version() throws {
        let fixture = try TokenFixture()
        let service = try TestService { $0.tokens = fixture.table }
        func send(_ scope: Scope, _ text: String, _ more: String = "") -> Received {
            service.post("/classify", piece(text, "s", more), headers: fixture.header(scope))
        }
        #expect(send(.classify, "sad ").object["label"] as? String == "sad")
        #expect(send(.admin, "happy").object["label"] as? String == "happy")
        #expect(send(.classify, "x", #","version":1"#).status == 200)
        #expect(send(.classify, "x", #","version":7"#).status >= 400)
    }

    @Test("there are so many at most; one that ends or is idle makes room")
    func limits() throws {
        let service = try TestService {
            $0.limits.sessions = 2
            $0.limits.sessionIdleSeconds = 1
            $0.limits.textBytes = 20
        }
        func status(_ session: String, _ text: String, _ more: String = "") -> Int {
            service.post("/classify", piece(text, session, more)).status
        }
        #expect(status("a", "x ") == 200 && status("b", "x ") == 200)
        #expect(status("c", "x ") == 503 && status("a", "x ") == 200)
        #expect(status("b", "x", #","session_end":true"#) == 200)
        #expect(status("c", "x ") == 200)
        #expect(status("a", String(repeating: "x", count: 17)) == 422)
        #expect(status("a", String(repeating: "x", count: 16)) == 200)
        usleep(1_100_000)
        #expect(status("d", "x ") == 200 && status("e", "x ") == 200)
    }

    @Test("one that is used at once by many answers one after the other, and loses nothing")
    func concurrent() async throws {
        let service = try TestService()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<20 { _ = service.post("/classify", self.piece("happy ", "s")) }
                }
            }
        }
        let whole = String(repeating: "happy ", count: 161)
        let answer = service.post("/classify", piece("happy ", "s"))
        #expect(answer.body == service.post("/classify", #"{"text":"\#(whole)"}"#).body)
    }

    @Test(
        "what cannot be a piece is refused",
        arguments: [
            #"{"texts":["a"],"session":"s"}"#, #"{"text":"a","session":""}"#,
            #"{"text":"a","session":"a b"}"#, #"{"text":"a","session":1}"#,
            #"{"text":"a","session":"s","explain":true}"#,
            #"{"text":"a","session":"s","session_end":1}"#,
        ]
    )
    func refusals(_ body: String) throws {
        #expect(try TestService().post("/classify", body).status == 422)
    }

    @Test("a network that does not read in one direction is refused, with the way out")
    func otherNetworks() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let file = try Data(contentsOf: root.appending(path: "models/retail-banking.json"))
        let service = try TestService(files: ["retail-banking.json": Array(file)])
        let answer = service.post("/classify", piece("where is my card", "s"))
        #expect(answer.status == 422 && answer.text.contains(#"\"recipe\": \"article\""#))
        let lines = service.send(
            .post,
            "/classify?session=s",
            headers: [("Content-Type", "application/x-ndjson")],
            body: Array("\"a\"\n".utf8)
        )
        #expect(lines.status == 400)
    }
}
