import HTTPServer
import HTTPTestClient
import Testing

@Suite struct ExpectationTests {
    @Test("invites a body that will be taken, then answers")
    func invitesBody() throws {
        let server = try EchoServer()
        for index in 0..<20 {
            let connection = try TestConnection(port: server.port)
            let invitation = try connection.exchange(head(target: "/\(index)", length: 3))
            #expect(invitation.status == 100)
            let answer = try connection.exchange("abc")
            #expect(answer.description == "200 POST /\(index) body=3<abc>")
        }
    }

    @Test(
        "answers without an invitation what will not be taken",
        arguments: [("/p", 64 * 1024 + 1, 413), ("/refused", 3, 401)]
    )
    func refusesAtOnce(target: String, length: Int, status: Int) throws {
        let server = try EchoServer()
        for _ in 0..<20 {
            let connection = try TestConnection(port: server.port)
            #expect(try connection.exchange(head(target: target, length: length)).status == status)
            #expect(try connection.readToEnd().isEmpty)
        }
        #expect(server.service.targets.isEmpty)
    }

    private func head(target: String, length: Int) -> String {
        "POST \(target) HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
            + "Content-Length: \(length)\r\n\r\n"
    }
}
