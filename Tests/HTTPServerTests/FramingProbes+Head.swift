let lineProbes = [
    Probe(
        name: "line feeds only",
        request: "POST /p HTTP/1.1\nHost: a\nContent-Length: 2\n\nhi",
        outcome: .refused(400, "malformed_request")
    ),
    Probe(
        name: "line feed hides a length",
        request: get("X: y\nContent-Length: 2\r\n") + "hi",
        outcome: .refused(400, "malformed_request")
    ),
    Probe(
        name: "line feed made up for by a second blank",
        request: "GET /p HTTP/1.1\r\nHost:  a\r\nX: y\nZ: w\r\n\r\n",
        outcome: .refused(400, "malformed_request")
    ),
    Probe(
        name: "carriage return in a value",
        request: get("X: y\rZ: 1\r\n"),
        outcome: .refused(400, "bad_header")
    ),
    Probe(
        name: "control character in a value",
        request: get("X: y\u{1}\r\n"),
        outcome: .refused(400, "bad_header")
    ),
    Probe(
        name: "NUL in a value",
        request: get("X: y\0z\r\n"),
        outcome: .refused(400, "malformed_request")
    ),
    Probe(
        name: "NUL in a length",
        request: post("Content-Length: 2\0" + "0\r\n", "hi"),
        outcome: .refused(400, "malformed_request")
    ),
    Probe(
        name: "NUL at the start of a line",
        request: get("\0X: 1\r\nContent-Length: 2\r\n") + "hi",
        outcome: .refused(400, "malformed_request")
    ),
    Probe(
        name: "folded value",
        request: get("X: y\r\n z\r\n"),
        outcome: .refused(400, "malformed_request")
    ),
    Probe(
        name: "folded length",
        request: post("Content-Length: 2\r\n 0\r\n", "hi" + hidden),
        outcome: .refused(400, "malformed_request")
    ),
    Probe(
        name: "folded coding",
        request: post("Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n" + hidden),
        outcome: .refused(400, "malformed_request")
    ),
    Probe(
        name: "no colon",
        request: get("X\r\n"),
        outcome: .refused(400, "malformed_request")
    ),
    Probe(
        name: "no colon behind another field",
        request: get("X: y\r\nZ\r\n"),
        outcome: .refused(400, "malformed_request")
    ),
    Probe(
        name: "no name",
        request: get(": x\r\n"),
        outcome: .refused(400, "malformed_request")
    ),
    Probe(
        name: "blank in a name",
        request: get("X Y: x\r\n"),
        outcome: .refused(400, "bad_header")
    ),
    Probe(
        name: "no blank after a colon",
        request: get("X:y\r\nEmpty:\r\nWide:   z \r\n"),
        outcome: .answered([200])
    ),
    Probe(
        name: "fields twice that steer nothing",
        request: get("X: 1\r\nX: 2\r\n"),
        outcome: .answered([200])
    ),
    Probe(
        name: "two authorizations",
        request: get("Authorization: a\r\nAuthorization: b\r\n"),
        outcome: .refused(400, "repeated_header")
    ),
    Probe(
        name: "two content types",
        request: post("Content-Type: a/b\r\nContent-Type: c/d\r\nContent-Length: 0\r\n", ""),
        outcome: .refused(400, "repeated_header")
    ),
]

let targetProbes = [
    Probe(
        name: "NUL",
        request: line("GET /a\0b HTTP/1.1"),
        outcome: .refused(400, "malformed_request")
    ),
    Probe(name: "%00", request: line("GET /a%00b HTTP/1.1"), outcome: .refused(400, "bad_target")),
    Probe(name: "%zz", request: line("GET /a%zz HTTP/1.1"), outcome: .refused(400, "bad_target")),
    Probe(
        name: "cut escape",
        request: line("GET /a%4 HTTP/1.1"),
        outcome: .refused(400, "bad_target")
    ),
    Probe(
        name: "fragment",
        request: line("GET /a#b HTTP/1.1"),
        outcome: .refused(400, "bad_target")
    ),
    Probe(name: "blank", request: line("GET /a b HTTP/1.1"), outcome: .refused(400, "bad_target")),
    Probe(name: "UTF-8", request: line("GET /ä HTTP/1.1"), outcome: .refused(400, "bad_target")),
    Probe(
        name: "absolute",
        request: line("GET http://b/a HTTP/1.1"),
        outcome: .refused(400, "bad_target")
    ),
    Probe(
        name: "asterisk",
        request: line("OPTIONS * HTTP/1.1"),
        outcome: .refused(400, "bad_target")
    ),
    Probe(
        name: "two blanks",
        request: line("GET  /a HTTP/1.1"),
        outcome: .refused(400, "malformed_request")
    ),
    Probe(name: "dots", request: line("GET /a/../b HTTP/1.1"), outcome: .answered([200])),
    Probe(
        name: "encoded dots",
        request: line("GET /%2e%2e%2fb HTTP/1.1"),
        outcome: .answered([200])
    ),
    Probe(
        name: "CONNECT",
        request: line("CONNECT a:1 HTTP/1.1"),
        outcome: .refused(501, "unsupported_method")
    ),
    Probe(
        name: "unknown method",
        request: line("BREW /a HTTP/1.1"),
        outcome: .refused(501, "unsupported_method")
    ),
    Probe(
        name: "lower-case method",
        request: line("get /a HTTP/1.1"),
        outcome: .refused(501, "unsupported_method")
    ),
    Probe(
        name: "method that is no token",
        request: line("G(T /a HTTP/1.1"),
        outcome: .refused(400, "malformed_request")
    ),
    Probe(
        name: "HTTP/1.2",
        request: line("GET /a HTTP/1.2"),
        outcome: .refused(505, "unsupported_version")
    ),
    Probe(
        name: "HTTP/2.0",
        request: line("GET /a HTTP/2.0"),
        outcome: .refused(505, "unsupported_version")
    ),
    Probe(
        name: "HTTP/2 preface",
        request: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        outcome: .refused(505, "unsupported_version")
    ),
    Probe(
        name: "http/1.1",
        request: line("GET /a http/1.1"),
        outcome: .refused(400, "malformed_request")
    ),
    Probe(name: "no version", request: "GET /a\r\n", outcome: .refused(400, "malformed_request")),
    Probe(
        name: "empty lines before the request",
        request: "\r\n\r\n" + line("GET /a HTTP/1.1"),
        outcome: .answered([200])
    ),
    Probe(
        name: "upgrade that is not taken",
        request: get(
            "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n"
        ),
        outcome: .answered([200])
    ),
]

let hostProbes: [Probe] =
    ["b", "b:1", "b.example:8080", "127.0.0.1:80", "[::1]:80", "[fe80::1]", "b_c-d~e%41:"].map {
        Probe(
            name: "host \($0)",
            request: "GET /p HTTP/1.1\r\nHost: \($0)\r\n\r\n",
            outcome: .answered([200])
        )
    }
    + [
        "", "a b", "a@b", "a/b", "a:b", "a:1:2", "[::1", "[]", "::1", "a?b", "a,b c", "\"a\"",
    ].map {
        Probe(
            name: "host '\($0)'",
            request: "GET /p HTTP/1.1\r\nHost: \($0)\r\n\r\n",
            outcome: .refused(400, "bad_host")
        )
    }
    + [
        Probe(
            name: "no host",
            request: "GET /p HTTP/1.1\r\n\r\n",
            outcome: .refused(400, "bad_host")
        ),
        Probe(
            name: "two hosts",
            request: "GET /p HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
            outcome: .refused(400, "repeated_header")
        ),
        Probe(
            name: "no host in HTTP/1.0",
            request: "GET /p HTTP/1.0\r\n\r\n",
            outcome: .answeredAndClosed([200])
        ),
    ]

let sizeProbes = [
    Probe(
        name: "long cookie",
        request: get("Cookie: \(String(repeating: "c", count: 10_000))\r\n"),
        outcome: .refused(431, "header_too_large")
    ),
    Probe(
        name: "long trailer",
        request: post(
            "Transfer-Encoding: chunked\r\n",
            "0\r\nX: \(String(repeating: "x", count: 40_000))\r\n\r\n"
        ),
        outcome: .refused(431, "header_too_large")
    ),
    Probe(
        name: "long field",
        request: get("X: \(String(repeating: "x", count: 40_000))\r\n"),
        outcome: .refused(431, "header_too_large")
    ),
    Probe(
        name: "long target",
        request: line("GET /\(String(repeating: "x", count: 40_000)) HTTP/1.1"),
        outcome: .refused(414, "target_too_long")
    ),
    Probe(
        name: "thousand fields",
        request: get((0..<1000).map { "X\($0): 1\r\n" }.joined()),
        outcome: .refused(431, "header_too_large")
    ),
    Probe(
        name: "hundred fields",
        request: get((0..<100).map { "X\($0): 1\r\n" }.joined()),
        outcome: .answered([200])
    ),
]

let rawProbes: [(name: String, request: [UInt8], outcome: Outcome)] = [
    (
        "byte 0xFF in a name",
        Array("GET /p HTTP/1.1\r\nHost: a\r\nX".utf8) + [0xff]
            + Array(": 1\r\n\r\n".utf8), .refused(400, "bad_header")
    ),
    (
        "byte 0xFF in the method",
        Array("G".utf8) + [0xff] + Array("T /p HTTP/1.1\r\n".utf8)
            + Array("Host: a\r\n\r\n".utf8), .refused(400, "malformed_request")
    ),
    (
        "byte 0xFF in a value",
        Array("GET /p HTTP/1.1\r\nHost: a\r\nX: ".utf8) + [0xff]
            + Array("\r\n\r\n".utf8), .answered([200])
    ),
]
