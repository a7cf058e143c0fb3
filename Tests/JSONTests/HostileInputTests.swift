import JSON
import Testing

@Suite struct HostileInputTests {
    /// Valid documents with every construct; mutations start from them.
    private static let seeds = [
        #"{"text":"A \"quoted\" caf\u00e9 \ud83d\ude00\n","model":"mood","top_k":3}"#,
        #"[0,-1,2.5e-3,1E+10,true,false,null,"",[],{},[[{"a":[1]}]]]"#,
        #"{"tensors":{"w1":{"shape":[2,3],"values":[0.1,-0.2,3e-5,4,5.5,-6]}},"#
            + #""n":18446744073709551615}"#,
        "{\"é\":\"日本語\",\"\u{1F600}\":\"x\", \"k\":\t[\r\n1 , 2 ] }",
    ]

    @Test("mutations are read or refused, with a reason that agrees with the reader's")
    func mutations() throws {
        let parser = JSONParser()
        var random = SplitMix(state: 42)
        let alphabet =
            Array("{}[]\",:\\u0123456789eE+-.tfn \n\u{0}\u{7F}".utf8) + [0x80, 0xC3, 0xED, 0xFF]
        var accepted = 0
        for round in 0..<20_000 {
            var bytes = Array(Self.seeds[round % Self.seeds.count].utf8)
            for _ in 0...(random.next() % 4) where !bytes.isEmpty {
                let position = Int(random.next() % UInt64(bytes.count))
                let byte = alphabet[Int(random.next() % UInt64(alphabet.count))]
                switch random.next() % 5 {
                case 0: bytes[position] = byte
                case 1: bytes.insert(byte, at: position)
                case 2: bytes.remove(at: position)
                case 3: bytes.removeLast(bytes.count - position)
                default: bytes.append(contentsOf: bytes[..<position])
                }
            }
            do throws(JSONError) {
                let value = try parser.parse(bytes)
                #expect(visit(value) > 0)
                accepted += 1
            } catch {
                // This sentence would mean that the diagnosis found nothing wrong.
                #expect(!error.description.contains("it cannot be read"), "\(bytes)")
            }
        }
        #expect(accepted > 1_000)
    }

    @Test("every prefix of a document is refused")
    func prefixes() throws {
        let parser = JSONParser()
        for seed in Self.seeds {
            let bytes = Array(seed.utf8)
            for length in 0..<bytes.count {
                #expect(throws: JSONError.self) { try parser.parse(Array(bytes[..<length])) }
            }
        }
    }

    @Test(
        "the worst bodies of 256 KiB end",
        arguments: ["[", "\"", "\\u0000", "{\"a\":", "\\", "[{", "-", "0"]
    )
    func worstBodies(unit: String) {
        let bytes = Array(String(repeating: unit, count: 262_144 / unit.utf8.count).utf8)
        #expect(throws: JSONError.self) { try JSONParser().parse(bytes) }
    }

    /// Reads everything from `value` down and returns how many values there are.
    private func visit(_ value: JSONValue) -> Int {
        switch value.kind {
        case .object: value.members.reduce(1) { $0 + visit($1.value) }
        case .array: value.elements.reduce(1) { $0 + visit($1) }
        case .string: value.string == nil ? 0 : 1
        case .integer, .number: value.double?.isFinite == true ? 1 : 0
        case .bool: value.bool == nil ? 0 : 1
        case .null: 1
        }
    }
}
