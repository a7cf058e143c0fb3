import HTTPServer
import HTTPTestClient
import Testing

private let request =
    "POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"

@Suite struct ChunkedBodyTests {
    @Test("takes a chunked body, answers and closes")
    func closes() throws {
        let server = try EchoServer()
        let connection = try TestConnection(port: server.port)
        let answer = try connection.exchange(request)
        #expect(answer.description == "200 POST /p body=5<abcde>")
        #expect(answer.header("Connection") == "close")
        #expect(try connection.readToEnd().isEmpty)
    }

    @Test("keeps the connection open where that was asked for")
    func keepsOpen() throws {
        let server = try EchoServer { $0.keepsChunkedConnections = true }
        let connection = try TestConnection(port: server.port)
        for _ in 0..<3 {
            let answer = try connection.exchange(request)
            #expect(answer.description == "200 POST /p body=5<abcde>")
            #expect(answer.header("Connection") == nil)
        }
    }
}
