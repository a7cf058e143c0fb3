import Foundation
import HTTPTestClient
import Synchronization
import Testing

@Suite(.serialized) struct SwapTests {
    private static let texts = [
        "what a fine and sunny day", "it rains", "nothing of this is known",
    ]

    /// What the clients saw.
    private struct Count {
        var requests = 0
        var wrong: [String] = []
        var versions: Set<Int> = []
    }

    @Test("versions swapped under load: no request fails, each answer is its version's")
    func swaps() throws {
        let swaps = ProcessInfo.processInfo.environment["ELMAN_SWAPS"].flatMap(Int.init) ?? 20
        let server = try TestServer(try TestDirectory())
        let expected = try answers(of: server)
        let count = Mutex(Count())
        let isOver = Atomic<Bool>(false)
        let clients = DispatchGroup()
        let begin = ContinuousClock.now
        for _ in 0..<4 {
            clients.enter()
            Thread.detachNewThread {
                ask(server.port, expected, count, isOver)
                clients.leave()
            }
        }
        // Half a second for five swaps, each at another moment of the clients' work.
        for swap in 0..<swaps {
            let version = 1 + swap % 3
            let answer = try server.send(
                "PUT",
                "/models/mood/live",
                #"{"version":\#(version),"force":true}"#
            )
            #expect(answer.status == 200, "\(answer)")
            usleep(100_000)
        }
        isOver.store(true, ordering: .relaxed)
        clients.wait()
        let seconds = (ContinuousClock.now - begin) / .seconds(1)
        let (requests, wrong, versions) = count.withLock { ($0.requests, $0.wrong, $0.versions) }
        print("\(swaps) swaps, \(requests) requests, \(Int(Double(requests) / seconds)) a second")
        #expect(wrong.isEmpty)
        #expect(versions == [1, 2, 3])
        #expect(try server.stop() == 0)
    }

    /// Makes three versions and returns what each says of each text, but for the request's own
    /// fields.
    private func answers(of server: TestServer) throws -> [String: Set<String>] {
        var answers: [String: Set<String>] = [:]
        for version in 1...3 {
            let body = trainBody("mood", epochs: 10 * version, promote: "always")
            let job = try server.send("POST", "/train", body, headers: "Prefer: wait=50\r\n")
            #expect(job.object["version"] as? Int == version, "\(job)")
            for text in Self.texts {
                let answer = try server.send("POST", "/classify", #"{"text":"\#(text)"}"#)
                #expect(answer.object["version"] as? Int == version)
                answers[text, default: []].insert(answer.text)
            }
        }
        // Three versions with three answers, or an exchange would not be seen.
        #expect(answers.values.allSatisfy { $0.count == 3 })
        return answers
    }

    /// Asks about 150 times a second.
    private func ask(
        _ port: UInt16,
        _ expected: [String: Set<String>],
        _ count: borrowing Mutex<Count>,
        _ isOver: borrowing Atomic<Bool>
    ) {
        do {
            let connection = try TestConnection(port: port)
            while !isOver.load(ordering: .relaxed) {
                for text in Self.texts {
                    let body = #"{"text":"\#(text)"}"#
                    let answer = try connection.exchange(
                        "POST /classify HTTP/1.1\r\nHost: localhost\r\n"
                            + "Content-Type: application/json\r\n"
                            + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
                    )
                    let isRight =
                        answer.status == 200 && expected[text]?.contains(answer.text) == true
                    let version = answer.object["version"] as? Int ?? 0
                    count.withLock { count in
                        count.requests += 1
                        count.versions.insert(version)
                        if !isRight { count.wrong.append("\(answer)") }
                    }
                }
                usleep(18_000)
            }
        } catch { count.withLock { $0.wrong.append("\(error)") } }
    }
}
