import JSON
import Testing

@Suite struct JSONWriterTests {
    @Test("puts commas, and newlines after them")
    func writesContainers() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.newline()
        writer.key("a")
        writer.beginArray()
        writer.int(-1)
        writer.uint(.max)
        writer.beginArray()
        writer.endArray()
        writer.bool(true)
        writer.null()
        writer.endArray()
        writer.newline()
        writer.key("b")
        writer.beginObject()
        writer.endObject()
        writer.key("c")
        writer.raw(Array("[1]".utf8))
        writer.key("d")
        writer.double(0.1)
        writer.newline()
        writer.endObject()
        let text =
            "{\n\"a\":[-1,18446744073709551615,[],true,null],\n\"b\":{},\"c\":[1],\"d\":0.1\n}"
        #expect(String(decoding: writer.finish(), as: UTF8.self) == text)
    }

    @Test("every Unicode scalar reads back")
    func escapesStrings() throws {
        let parser = JSONParser()
        var all = ""
        for code in UInt32(0)...0x10FFFF where code < 0x3000 || code % 251 == 0 {
            if let scalar = Unicode.Scalar(code) { all.unicodeScalars.append(scalar) }
        }
        var writer = JSONWriter()
        writer.string(all)
        let bytes = writer.finish()
        #expect(!bytes.contains { $0 < 0x20 })
        let read = try #require(try parser.parse(bytes).string)
        // Not ==, which would call canonically equal texts the same.
        #expect(read.unicodeScalars.elementsEqual(all.unicodeScalars))

        var short = JSONWriter()
        short.string("\"\\/\u{8}\u{C}\n\r\t\u{0}\u{1F}\u{7F}é")
        let expected = #""\"\\/\b\f\n\r\t\u0000\u001f"# + "\u{7F}é\""
        #expect(String(decoding: short.finish(), as: UTF8.self) == expected)
    }

    @Test("random float32 and float64 bit patterns read back exactly")
    func roundTripsFloats() throws {
        #if DEBUG
            let rounds = 100_000
        #else
            let rounds = 1_000_000
        #endif
        var random = SplitMix(state: 0xE1_3A_17)
        var floats: [Float] = [
            0, -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 1e-5, 16_777_216,
        ]
        while floats.count < rounds {
            let value = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
            if value.isFinite { floats.append(value) }
        }
        var writer = JSONWriter(capacity: 16 * rounds)
        writer.beginArray()
        for value in floats { writer.float(value) }
        writer.endArray()
        let parser = JSONParser()
        let value = try parser.parse(writer.finish())
        var read = [Float](repeating: .nan, count: floats.count)
        try read.withUnsafeMutableBufferPointer { buffer throws(JSONFloatsError) in
            try value.copyFloats(into: buffer)
        }
        let differing = zip(floats, read).first { $0.bitPattern != $1.bitPattern }
        #expect(differing == nil)

        var doubles: [Double] = []
        while doubles.count < rounds / 10 {
            let value = Double(bitPattern: random.next())
            if value.isFinite { doubles.append(value) }
        }
        var second = JSONWriter()
        second.beginArray()
        for value in doubles { second.double(value) }
        second.endArray()
        let elements = try parser.parse(second.finish()).elements
        #expect(zip(doubles, elements).allSatisfy { $0.bitPattern == $1.double?.bitPattern })
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): a fixed seed gives fixed cases.
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
