import HTTPServer
import HTTPTestClient
import Testing

@Suite struct HTTPServerTests {
    @Test("answers requests one after another on a connection")
    func keepsAlive() throws {
        let server = try startServer(EchoService())
        let connection = try TestConnection(port: server.port)
        for index in 0..<3 {
            let answer = try connection.exchange(
                "POST /\(index)?q HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nab\(index)"
            )
            #expect(answer.status == 200)
            #expect(answer.text == "POST /\(index)?q body=3<ab\(index)>")
            #expect(answer.header("Content-Type") == "text/plain")
            #expect(answer.header("x-echo") == "1")
            #expect(answer.header("Connection") == nil)
        }
    }
}
