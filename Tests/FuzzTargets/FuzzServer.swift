internal import HTTPServer
internal import HTTPTestClient

/// A server on a free port that answers with an empty text.
final class FuzzServer {
    /// Lets every request through and says nothing.
    private struct Silence: HTTPService {
        func admit(_: borrowing HTTPRequest) -> HTTPAdmission { .accept(maximumBodyBytes: 4096) }

        func respond(to _: borrowing HTTPRequest) -> HTTPReply { .now(HTTPResponse(status: 200)) }

        func refusal(_ refusal: HTTPRefusal, of _: borrowing HTTPRequest) -> HTTPResponse {
            HTTPResponse(status: refusal.status)
        }

        func turnedAway(_: HTTPTurnedAway) {}
    }

    private let server: HTTPServer

    init() throws {
        var configuration = HTTPServer.Configuration()
        configuration.threads = 1
        server = try HTTPServer(configuration, service: Silence()) { _ in }
    }

    /// Sends the bytes on a connection, listens until nothing comes for a moment, and leaves.
    func finding(in bytes: [UInt8]) -> String? {
        do {
            let script = Conversation.Script(bytes, answers: 0)
            let said = try Conversation.hold(
                [script],
                port: server.port,
                quiet: .milliseconds(3)
            )
            let statuses = said.flatMap(\.statuses)
            let odd = statuses.first { !(100..<506).contains($0) || $0 == 500 }
            return odd.map { "status \($0)" }
        } catch {
            return "what came is no answer: \(error)"
        }
    }
}
