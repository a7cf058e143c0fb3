let lengthProbes = [
    Probe(
        name: "plain length",
        request: post("Content-Length: 2\r\n", "hi"),
        outcome: .answered([200])
    ),
    Probe(
        name: "length zero",
        request: post("Content-Length: 0\r\n", ""),
        outcome: .answered([200])
    ),
    Probe(
        name: "length, then chunked",
        request: post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n" + hidden),
        outcome: .refused(400, "conflicting_length")
    ),
    Probe(
        name: "chunked, then length",
        request: post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n" + hidden),
        outcome: .refused(400, "conflicting_length")
    ),
    Probe(
        name: "two lengths that differ",
        request: post("Content-Length: 2\r\nContent-Length: 40\r\n", "hi" + hidden),
        outcome: .refused(400, "conflicting_length")
    ),
    Probe(
        name: "two lengths that agree",
        request: post("Content-Length: 2\r\nContent-Length: 2\r\n", "hi" + hidden),
        outcome: .refused(400, "conflicting_length")
    ),
    Probe(
        name: "zero, then the true length",
        request: post("Content-Length: 0\r\nContent-Length: 32\r\n", hidden),
        outcome: .refused(400, "conflicting_length")
    ),
    Probe(
        name: "leading zero",
        request: post("Content-Length: 02\r\n", "hi"),
        outcome: .refused(400, "bad_content_length")
    ),
    Probe(
        name: "no blank before the length",
        request: post("Content-Length:2\r\n", "hi"),
        outcome: .refused(400, "bad_content_length")
    ),
    Probe(
        name: "two blanks before the length",
        request: post("Content-Length:  2\r\n", "hi"),
        outcome: .refused(400, "bad_content_length")
    ),
    Probe(
        name: "eleven digits",
        request: post("Content-Length: 99999999999\r\n", "hi"),
        outcome: .refused(413, "body_too_large")
    ),
    Probe(
        name: "largest 64-bit length",
        request: post("Content-Length: 18446744073709551615\r\n", "hi"),
        outcome: .refused(413, "body_too_large")
    ),
    Probe(
        name: "no length at all",
        request: post("", hidden),
        outcome: .refused(411, "length_required")
    ),
    Probe(
        name: "PUT without length",
        request: "PUT /p HTTP/1.1\r\nHost: a\r\n\r\n",
        outcome: .refused(411, "length_required")
    ),
    Probe(
        name: "body on GET",
        request: get("Content-Length: 2\r\n") + "hi",
        outcome: .refused(400, "unexpected_body")
    ),
    Probe(
        name: "chunked body on GET",
        request: get("Transfer-Encoding: chunked\r\n") + "0\r\n\r\n",
        outcome: .refused(400, "unexpected_body")
    ),
    Probe(
        name: "body on DELETE",
        request: "DELETE /p HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi",
        outcome: .refused(400, "unexpected_body")
    ),
    Probe(
        name: "length zero on GET",
        request: get("Content-Length: 0\r\n"),
        outcome: .answered([200])
    ),
]

let malformedLengths = [
    "3, 3", "+3", "-3", "0x3", "3 ", "3;", "three", "", "1e1", "3.0", "18446744073709551619",
]

let codingProbes = [
    Probe(
        name: "blank before the colon of a length",
        request: post("Content-Length : 32\r\n", hidden),
        outcome: .refused(400, "bad_header")
    ),
    Probe(
        name: "blank before the colon of a coding",
        request: post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n" + hidden),
        outcome: .refused(400, "bad_header")
    ),
    Probe(
        name: "tab before the coding",
        request: post("Transfer-Encoding:\tchunked\r\n", "0\r\n\r\n" + hidden),
        outcome: .refused(400, "conflicting_length")
    ),
    Probe(
        name: "blank after the coding",
        request: post("Transfer-Encoding: chunked \r\n", "0\r\n\r\n" + hidden),
        outcome: .refused(501, "unsupported_transfer_coding")
    ),
    Probe(
        name: "unknown coding",
        request: post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n" + hidden),
        outcome: .refused(501, "unsupported_transfer_coding")
    ),
    Probe(
        name: "two codings in one field",
        request: post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n" + hidden),
        outcome: .refused(501, "unsupported_transfer_coding")
    ),
    Probe(
        name: "identity coding and a length",
        request: post("Transfer-Encoding: identity\r\nContent-Length: 2\r\n", "hi" + hidden),
        outcome: .refused(400, "conflicting_length")
    ),
    Probe(
        name: "identity, then chunked",
        request: post(
            "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n",
            "0\r\n\r\n" + hidden
        ),
        outcome: .refused(400, "conflicting_length")
    ),
    Probe(
        name: "chunked twice",
        request: post(
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
            "0\r\n\r\n" + hidden
        ),
        outcome: .refused(400, "conflicting_length")
    ),
    Probe(
        name: "chunked in HTTP/1.0",
        request: "POST /p HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden,
        outcome: .refused(400, "conflicting_length")
    ),
    Probe(
        name: "content coding",
        request: post("Content-Encoding: gzip\r\nContent-Length: 2\r\n", "hi"),
        outcome: .refused(415, "unsupported_content_coding")
    ),
    Probe(
        name: "identity content coding",
        request: post("Content-Encoding: identity\r\nContent-Length: 2\r\n", "hi"),
        outcome: .answered([200])
    ),
    Probe(
        name: "expectation that nobody knows",
        request: post("Expect: more\r\nContent-Length: 2\r\n", "hi"),
        outcome: .refused(417, "unsupported_expectation")
    ),
    Probe(
        name: "expectation in HTTP/1.0",
        request:
            "POST /p HTTP/1.0\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi",
        outcome: .answeredAndClosed([200])
    ),
]

let chunkProbes = [
    Probe(
        name: "chunks, then another request",
        request: post("Transfer-Encoding: chunked\r\n", "2\r\nhi\r\n0\r\n\r\n" + hidden),
        outcome: .answeredAndClosed([200])
    ),
    Probe(
        name: "chunk lines ended by a line feed",
        request: post("Transfer-Encoding: chunked\r\n", "2\nhi\r\n0\r\n\r\n" + hidden),
        outcome: .answeredAndClosed([200])
    ),
    Probe(
        name: "chunk extension with a line feed",
        request: post("Transfer-Encoding: chunked\r\n", "2;a\nhi\r\n0\r\n\r\n" + hidden),
        outcome: .answeredAndClosed([200])
    ),
    Probe(
        name: "trailers that look like framing",
        request: post(
            "Transfer-Encoding: chunked\r\n",
            "0\r\nContent-Length: 32\r\nTransfer-Encoding: chunked\r\n\r\n" + hidden
        ),
        outcome: .answeredAndClosed([200])
    ),
    Probe(
        name: "chunk size that is not finished",
        request: post("Transfer-Encoding: chunked\r\n", "2\r\nhi"),
        outcome: .unanswered
    ),
    Probe(
        name: "largest chunk size",
        request: post("Transfer-Encoding: chunked\r\n", "FFFFFFFFFFFFFFFF\r\nhi\r\n0\r\n\r\n"),
        outcome: .unanswered
    ),
]

let malformedChunks = [
    "0x2\r\nhi\r\n0\r\n\r\n", "+2\r\nhi\r\n0\r\n\r\n", "-2\r\nhi\r\n0\r\n\r\n",
    "2 \r\nhi\r\n0\r\n\r\n", "2\r\nhiXX0\r\n\r\n", "zz\r\nhi\r\n0\r\n\r\n",
]
