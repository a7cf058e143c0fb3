import Foundation
import HTTPTestClient
import Testing

/// Texts of none of the labels from the post to the answer, with the real programs.
@Suite struct OutOfScopeLoopTests {
    private static let billing = [
        "the invoice is wrong", "you charged my card twice", "the invoice has a wrong amount",
        "my card was charged too much", "a charge that is not mine", "pay the invoice later",
    ]
    private static let shipping = [
        "where is my parcel", "the parcel never came", "the driver left my parcel outside",
        "my order is late", "the parcel came damaged", "track my parcel",
    ]
    private static let none = [
        "do you like jazz", "hy", "what is love", "sing a song", "how old are you", "so what",
    ]

    private func rows(_ texts: [String], _ label: String?) -> [String] {
        let value = label.map { "\"\($0)\"" } ?? "null"
        return texts.map { #"{"text":"\#($0)","label":\#(value)}"# }
    }

    private func train(
        _ server: TestServer,
        _ rows: [String],
        _ more: String
    ) throws -> [String: Any] {
        let examples = rows.isEmpty ? "" : #","examples":[\#(rows.joined(separator: ","))]"#
        let body = #"{"model":"desk"\#(examples)\#(more)}"#
        let answer = try server.send("POST", "/train", body, headers: "Prefer: wait=50\r\n")
        #expect(answer.object["state"] as? String == "succeeded", "\(answer)")
        return answer.object
    }

    @Test("a job proposes a score, the next one compares as if they were not there")
    func loop() throws {
        let directory = try TestDirectory()
        let server = try TestServer(directory)
        let labelled = rows(Self.billing, "billing") + rows(Self.shipping, "shipping")
        let first = try train(server, labelled, "")
        #expect(first["promoted"] as? Bool == true)
        let plain = try server.send("GET", "/models/desk/versions/1").object
        #expect((plain["metrics"] as? [String: Any])?["out_of_scope"] == nil)

        let second = try train(server, rows(Self.none, nil), #","extend":true"#)
        #expect(second["promoted"] as? Bool == true)
        #expect(second["examples"] as? Int == 18)
        let reason = try #require(second["reason"] as? String)
        // The same network: no row differs.
        #expect(reason.contains("of 12 held-out rows right, 0 differ"), "\(reason)")
        let card = try server.send("GET", "/models/desk/versions/2").object
        let metrics = try #require(card["metrics"] as? [String: Any])
        let scope = try #require(metrics["out_of_scope"] as? [String: Any])
        #expect(scope["rows"] as? Int == 6 && scope["right_answers"] as? Int ?? 0 > 0)
        let job = try server.send("GET", "/train/\(second["id"] as? String ?? "")").object
        let report = try #require(job["report"] as? [String: Any])
        #expect((report["data"] as? [String: Any])?["out_of_scope"] as? Int == 6)
        #expect((report["out_of_scope"] as? [String: Any])?["rows"] as? Int == 6)

        let body = #"{"model":"desk","text":"do you like jazz","min_confidence":"proposed"}"#
        let answer = try server.send("POST", "/classify", body).object
        #expect(answer["abstained"] as? Bool == true, "\(answer)")
        let scores = try #require(answer["scores"] as? [String: Any])
        #expect(Set(scores.keys) == ["billing", "shipping"])
        let sure = #"{"model":"desk","text":"track my parcel","min_confidence":"proposed"}"#
        #expect(try server.send("POST", "/classify", sure).object["abstained"] as? Bool == false)

        // A correction of an answer that should have been none.
        let feedback = #"{"model":"desk","text":"my order of pizza","label":null}"#
        #expect(try server.send("POST", "/feedback", feedback).object["added"] as? Int == 1)
        let third = try train(server, [], #","extend":true"#)
        #expect(third["promoted"] as? Bool == true)
        #expect((third["reason"] as? String)?.contains("corrections") == false)
    }
}
