import Digest
import Testing

@Suite struct Base64Tests {
    @Test(
        "the vectors of RFC 4648",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
        ]
    )
    func vectors(_ text: String, _ encoded: String) {
        #expect(Base64.encoded(Array(text.utf8)) == encoded)
        #expect(Base64.decoded(encoded.utf8) == Array(text.utf8))
    }

    @Test("what is no base 64 is told", arguments: ["!!!!", "Zg", "Z===", "Zm9v?"])
    func refuses(_ text: String) { #expect(Base64.decoded(text.utf8) == nil) }

    @Test("all bytes come back")
    func bytes() {
        let all = (0...255).map { UInt8($0) }
        #expect(Base64.decoded(Base64.encoded(all).utf8) == all)
    }
}
