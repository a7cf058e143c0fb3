import JSON
import Memory
import Testing

@Suite struct JSONMemoryTests {
    private static let large = Array(
        "[\(Array(repeating: "1", count: 50_000).joined(separator: ","))]".utf8
    )

    @Test("a large document takes memory from the budget until the next one")
    func takes() throws {
        let memory = MemoryBudget(limit: 16 << 20)
        let parser = JSONParser(memory: memory)
        let needed = Self.large.withUnsafeBytes(JSONParser.bytesNeeded(toParse:))
        // An index and a number of two words for each element at least.
        #expect(needed > 50_000 * (8 + 16))
        _ = try parser.parse(Self.large)
        #expect(memory.reserved(for: .work) == needed)
        _ = try parser.parse(Array("1".utf8))
        #expect(memory.reserved(for: .work) == 0)
        _ = try parser.parse(Self.large)
        #expect(parser.end())
        #expect(memory.reserved(for: .work) == 0)
    }

    @Test("without memory a large document is refused, and a small one is read")
    func refuses() throws {
        let memory = MemoryBudget(limit: 100_000)
        let parser = JSONParser(memory: memory)
        let needed = Self.large.withUnsafeBytes(JSONParser.bytesNeeded(toParse:))
        #expect(throws: JSONError.outOfMemory(needed: needed)) { try parser.parse(Self.large) }
        #expect(try parser.parse(Array("[1,2]".utf8)).count == 2)
    }
}
