import Foundation
import HTTPTestClient
import Testing

/// How a model gets better by its users' corrections, and never worse by accident; with the real
/// programs, over HTTP alone.
@Suite struct CorrectionLoopTests {
    private static let billing = [
        "the invoice is wrong", "you charged my card twice", "the invoice has a wrong amount",
        "my card was charged too much", "a charge that is not mine",
        "the amount is twice the price",
    ]
    private static let shipping = [
        "where is my parcel", "the parcel never came", "the driver left it outside",
        "my order is late", "the box came damaged", "track my parcel",
    ]

    private func rows(_ first: String, _ second: String) -> String {
        (Self.billing.map { #"{"text":"\#($0)","label":"\#(first)"}"# }
            + Self.shipping.map { #"{"text":"\#($0)","label":"\#(second)"}"# })
            .joined(separator: ",")
    }

    /// A server with a model `desk`, and what a client does with it.
    private struct Desk {
        let directory: TestDirectory
        let server: TestServer

        init() throws {
            directory = try TestDirectory()
            server = try TestServer(directory, ["--remember", "100"])
        }

        func train(_ members: String, key: String = "") throws -> [String: Any] {
            let headers = "Prefer: wait=50\r\n" + (key.isEmpty ? "" : "Idempotency-Key: \(key)\r\n")
            let options = #""options":{"recipe":"article","epochs":200}"#
            let body = #"{"model":"desk",\#(options),\#(members)}"#
            let answer = try server.send("POST", "/train", body, headers: headers)
            #expect(answer.status == 200, "\(answer)")
            #expect(answer.object["state"] as? String == "succeeded", "\(answer)")
            return answer.object
        }

        func classify(_ text: String) throws -> [String: Any] {
            try server.send("POST", "/classify", #"{"text":"\#(text)"}"#).object
        }
    }

    @Test("train, classify, correct, extend; a golden case blocks a bad version; roll back")
    func loop() throws {
        let desk = try Desk()
        try learnFirst(desk)
        let (wrong, right) = try correct(desk)
        try extend(desk, right)
        try block(desk, wrong, right)
        try rollBack(desk)
        try restart(desk)
    }

    /// The first version is live at once.
    private func learnFirst(_ desk: Desk) throws {
        let examples = #""examples":[\#(rows("billing", "shipping"))]"#
        let first = try desk.train(examples, key: "first")
        #expect(first["promoted"] as? Bool == true)
        let replayed = try desk.train(examples, key: "first")
        #expect(replayed["id"] as? String == first["id"] as? String)
        #expect(try desk.classify("track my parcel")["label"] as? String == "shipping")
    }

    /// Corrects the answer to something that the model knows nothing of, by its name.
    private func correct(_ desk: Desk) throws -> (wrong: String, right: String) {
        let server = desk.server
        let doubtful = try desk.classify("refund please")
        let wrong = try #require(doubtful["label"] as? String)
        let right = wrong == "billing" ? "shipping" : "billing"
        let id = try #require(doubtful["prediction_id"] as? String)
        let feedback = #"{"prediction_id":"\#(id)","label":"\#(right)"}"#
        #expect(try server.send("POST", "/feedback", feedback).object["added"] as? Int == 1)
        let stored = try server.send("GET", "/models/desk/examples?label=\(right)").object
        let last = (stored["examples"] as? [[String: Any]])?.last
        #expect(last?["text"] as? String == "refund please")
        #expect(last?["source"] as? String == "feedback")

        let whole = try server.send("GET", "/models/desk/examples").object
        let oldest = try #require((whole["examples"] as? [[String: Any]])?.first?["id"] as? Int)
        let removed = try server.send("DELETE", "/models/desk/examples?id=\(oldest)")
        #expect(removed.object["total"] as? Int == 12, "\(removed)")
        return (wrong, right)
    }

    /// The next version learns from the correction too; from now on none may get it wrong.
    private func extend(_ desk: Desk, _ right: String) throws {
        let server = desk.server
        // The live version gets it wrong, and stays.
        let golden = #"{"cases":[{"text":"refund please","label":"\#(right)"}]}"#
        let check = try server.send("PUT", "/models/desk/golden", golden).object["check"]
        #expect((check as? [String: Any])?["passed"] as? Int == 0)

        let second = try desk.train(#""extend":true,"promote":"always""#)
        #expect(second["examples"] as? Int == 12)
        #expect(second["promoted"] as? Bool == true, "\(second["reason"] ?? "")")
        #expect(try desk.classify("refund please")["label"] as? String == right)
        #expect(try desk.classify("refund please")["version"] as? Int == 2)
        let diff = try server.send("GET", "/models/desk/diff?from=1&to=2").object
        let changes = diff["changes"] as? [[String: Any]] ?? []
        #expect(changes.contains { $0["text"] as? String == "refund please" }, "\(diff)")
    }

    /// A version that gets the case wrong does not go live, whatever the job asks.
    private func block(_ desk: Desk, _ wrong: String, _ right: String) throws {
        let server = desk.server
        let bad = rows("billing", "shipping") + #",{"text":"refund please","label":"\#(wrong)"}"#
        let third = try desk.train(#""promote":"always","replace":true,"examples":[\#(bad)]"#)
        #expect(third["promoted"] as? Bool == false)
        #expect((third["reason"] as? String)?.contains("refund please") == true, "\(third)")
        #expect(try desk.classify("refund please")["version"] as? Int == 2)
        let refused = try server.send("PUT", "/models/desk/live", #"{"version":3}"#)
        #expect(refused.status == 409)
        #expect(refused.object["code"] as? String == "golden_failed")
    }

    /// The version before fails the case too, so going back takes a firm word.
    private func rollBack(_ desk: Desk) throws {
        let server = desk.server
        #expect(try server.send("PUT", "/models/desk/live", #"{"version":1}"#).status == 409)
        let start = ContinuousClock.now
        let forced = try server.send("PUT", "/models/desk/live", #"{"version":1,"force":true}"#)
        #expect(forced.status == 200)
        #expect(try desk.classify("refund please")["version"] as? Int == 1)
        #expect(ContinuousClock.now - start < .seconds(1))
    }

    /// Nothing is lost when the server is killed.
    private func restart(_ desk: Desk) throws {
        let server = desk.server
        #expect(try server.stop(SIGKILL) == -SIGKILL)
        let next = try TestServer(desk.directory)
        try wait("the model") { (try? next.send("GET", "/readyz").status) == 200 }
        let card = try next.send("GET", "/models/desk").object
        #expect(card["live_version"] as? Int == 1)
        #expect((card["history"] as? [Any])?.count == 3)
        let cases = try next.send("GET", "/models/desk/golden").object["cases"] as? [Any]
        #expect(cases?.count == 1)
        #expect(try next.stop() == 0)
    }
}
