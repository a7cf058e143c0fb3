import Digest
import Testing

@Suite struct SHA256Tests {
    @Test(
        "equals the published digests",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ]
    )
    func published(message: String, expected: String) {
        #expect(SHA256.hexadecimal(of: Array(message.utf8)) == expected)
        let lent = Array(message.utf8).withUnsafeBytes { bytes in
            SHA256.withDigest(of: bytes) { Array($0).hexadecimal }
        }
        #expect(lent == expected)
    }

    @Test("is the same however the message is cut")
    func cut() {
        var hash = SHA256()
        hash.update("a")
        let early = hash.hexadecimal()
        hash.update("bc")
        #expect(early == SHA256.hexadecimal(of: Array("a".utf8)))
        #expect(hash.hexadecimal() == SHA256.hexadecimal(of: Array("abc".utf8)))
    }
}

@Suite struct ConstantTimeTests {
    @Test("finds equal bytes equal and a difference anywhere")
    func compares() {
        func areEqual(_ first: [UInt8], _ second: [UInt8]) -> Bool {
            first.withUnsafeBytes { first in
                second.withUnsafeBytes { ConstantTime.areEqual(first, $0) }
            }
        }
        let bytes = (0..<32).map(UInt8.init)
        #expect(areEqual(bytes, bytes))
        #expect(areEqual([], []))
        for index in bytes.indices {
            var other = bytes
            other[index] ^= 1
            #expect(!areEqual(bytes, other))
        }
        #expect(!areEqual(bytes, Array(bytes.dropLast())))
    }
}

@Suite struct RandomIdentifierTests {
    @Test("carries 128 bits behind its prefix and never repeats")
    func unique() {
        let identifiers = Set((0..<1000).map { _ in RandomIdentifier.make(prefix: "job-") })
        #expect(identifiers.count == 1000)
        #expect(identifiers.allSatisfy { $0.hasPrefix("job-") && $0.utf8.count == 36 })
    }
}
