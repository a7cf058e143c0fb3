import HTTPServer
import Testing

@Suite struct HTTPRequestTests {
    @Test("decodes the path once")
    func decodesPath() {
        let request = HTTPRequest(method: .get, target: "/a%2525/b+c/%C3%A4?x=1")
        #expect(request.path == "/a%25/b+c/ä")
        #expect(request.rawPath == "/a%2525/b+c/%C3%A4")
        #expect(request.target == "/a%2525/b+c/%C3%A4?x=1")
    }

    @Test("decodes the parts of the query")
    func decodesQuery() {
        let request = HTTPRequest(method: .get, target: "/p?a=1&b=x+y%26z&flag&&a=2&e=")
        #expect(request.queryItems.map(\.name) == ["a", "b", "flag", "a", "e"])
        #expect(request.queryItems.map(\.value) == ["1", "x y&z", "", "2", ""])
        #expect(request.query("a") == "1")
        #expect(request.query("b") == "x y&z")
        #expect(request.query("e") == "")
        #expect(request.query("missing") == nil)
        #expect(HTTPRequest(method: .get, target: "/p").query("a") == nil)
    }

    @Test("finds fields in any case, without blanks around them, repeated ones joined")
    func findsFields() {
        let request = HTTPRequest(
            method: .post,
            target: "/p",
            headers: [("ACCEPT", "a"), ("X-Long_Name", "v \t"), ("Accept", "b"), ("Empty", "")]
        )
        #expect(request.header("accept") == "a, b")
        #expect(request.header("x-long_name") == "v")
        #expect(request.header("empty") == "")
        #expect(request.header("x-long-name") == nil)
        #expect(request.header("missing") == nil)
        #expect(request.withHeader("accept") { $0.count } == 1)
    }

    @Test("lends the body")
    func lendsBody() {
        let request = HTTPRequest(method: .post, target: "/p", body: [1, 2, 3])
        #expect(Array(request.body) == [1, 2, 3])
        #expect(HTTPRequest(method: .get, target: "/p").body.isEmpty)
    }

    @Test("keeps any number of fields")
    func keepsManyFields() {
        let headers = (0..<200).map { (name: "x-\($0)", value: "\($0)") }
        let request = HTTPRequest(method: .get, target: "/p", headers: headers + [("last", "1")])
        #expect(request.header("x-0") == "0")
        #expect(request.header("x-199") == "199")
        #expect(request.header("last") == "1")
    }

    @Test("knows every method", arguments: HTTPMethod.allCases)
    func knowsMethods(method: HTTPMethod) {
        #expect(HTTPRequest(method: method, target: "/p").method == method)
    }
}
