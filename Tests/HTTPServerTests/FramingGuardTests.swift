import HTTPServer
import HTTPTestClient
import Testing

@Suite struct FramingGuardTests {
    @Test(
        "lets through what every parser reads alike, and refuses everything else",
        arguments: Transport.allCases
    )
    func refusesAmbiguousFraming(transport: Transport) throws {
        let text =
            lengthProbes + codingProbes + chunkProbes + lineProbes + targetProbes + hostProbes
            + sizeProbes
            + malformedLengths.map {
                Probe(
                    name: "length '\($0)'",
                    request: post("Content-Length: \($0)\r\n", hidden),
                    outcome: $0.count > 10
                        ? .refused(413, "body_too_large") : .refused(400, "bad_content_length")
                )
            }
            + malformedChunks.map {
                Probe(
                    name: "chunk '\($0)'",
                    request: post("Transfer-Encoding: chunked\r\n", $0 + hidden),
                    outcome: .refused(400, "malformed_chunk")
                )
            }
        let probes =
            text.map { (name: $0.name, request: Array($0.request.utf8), outcome: $0.outcome) }
            + rawProbes
        let service = EchoService()
        let server = try EchoServer(service, over: transport) {
            $0.bodyDeadline = .milliseconds(1500)
            $0.headerDeadline = .milliseconds(1500)
        }
        let said = try Conversation.hold(
            probes.map { Conversation.Script($0.request, answers: $0.outcome.answersUntilQuiet) },
            port: server.port
        )
        for (probe, conversation) in zip(probes, said) {
            check(conversation, against: probe.outcome, name: probe.name)
        }
        #expect(!service.targets.contains("/hidden"))
        let answered = probes.count { $0.outcome.reachesService }
        #expect(service.targets.count == answered)
        #expect(probes.count > 85)
    }

    private func check(_ said: Conversation, against outcome: Outcome, name: String) {
        let comment = Comment(rawValue: name)
        switch outcome {
        case .answered(let statuses):
            #expect(said.statuses == statuses, comment)
            #expect(!said.isClosed, comment)
        case .answeredAndClosed(let statuses):
            #expect(said.statuses == statuses, comment)
            #expect(said.isClosed, comment)
        case .refused(let status, let code):
            #expect(said.statuses == [status], comment)
            #expect(said.responses.first?.text == #"{"code":"\#(code)"}"#, comment)
            #expect(said.responses.first?.header("Connection") == "close", comment)
            #expect(said.isClosed, comment)
        case .unanswered:
            #expect(said.statuses.isEmpty, comment)
            #expect(said.isClosed, comment)
        }
    }
}
