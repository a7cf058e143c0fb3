import JSON
import Testing

@Suite struct JSONParserTests {
    private func failure(_ text: String, depth: Int = 32) -> JSONError? {
        do throws(JSONError) {
            _ = try JSONParser(maximumDepth: depth).parse(Array(text.utf8))
            return nil
        } catch {
            return error
        }
    }

    @Test("names the byte and what is missing")
    func namesTheByte() {
        #expect(failure("[1,]") == .syntax(offset: 3, problem: "expected a value"))
        #expect(failure("{\"a\" 1}") == .syntax(offset: 5, problem: "expected ':'"))
        #expect(failure("[1 2]") == .syntax(offset: 3, problem: "expected ',' or ']'"))
        #expect(failure("[\"ab") == .syntax(offset: 1, problem: "the string does not end"))
        #expect(failure("[") == .syntax(offset: 1, problem: "it ends where a value is due"))
        #expect(failure("{} x") == .trailingBytes(offset: 3))
        #expect(failure("") == .empty)
        #expect(failure(" \n") == .empty)
        #expect(failure("[1,]")?.description.contains("byte 3") == true)
    }

    @Test("refuses depth limit + 1, takes the limit", arguments: ["[]", "{}"])
    func limitsDepth(pair: String) {
        func nested(_ levels: Int) -> String {
            pair == "[]"
                ? String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
                : String(repeating: "{\"a\":", count: levels) + "1"
                    + String(repeating: "}", count: levels)
        }
        let opener = pair == "[]" ? 1 : 5
        #expect(failure(nested(32)) == nil)
        #expect(failure(nested(33)) == .tooDeep(limit: 32, offset: 32 * opener))
        #expect(failure(nested(100_000)) == .tooDeep(limit: 32, offset: 32 * opener))
        #expect(failure(nested(3), depth: 3) == nil)
        #expect(failure(nested(4), depth: 3) == .tooDeep(limit: 3, offset: 3 * opener))
    }

    @Test("refuses a key twice at any level, compared after unescaping")
    func refusesDuplicateKeys() {
        #expect(failure(#"{"a":1,"b":2,"a":3}"#) == .duplicateKey(pointer: "/a"))
        #expect(failure(#"{"a":1,"\u0061":3}"#) == .duplicateKey(pointer: "/a"))
        #expect(
            failure(#"[1,{"x":[{"y~/":{"k":0,"k":0}}]}]"#)
                == .duplicateKey(pointer: "/1/x/0/y~0~1/k")
        )
        #expect(failure(#"{"":1,"":2}"#) == .duplicateKey(pointer: "/"))
        #expect(failure(#"{"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}]}"#) == nil)
        #expect(failure(#"{"a":1,"A":1,"a ":1,"é":1,"e\u0301":1}"#) == nil)
        // No parser-wide state: keys of a sibling are no duplicates.
        let values = (0..<20).map { "{\"k\($0)\":1,\"k\":{\"k\":2}}" }.joined(separator: ",")
        #expect(failure("[\(values)]") == nil)
    }

    @Test("finds the one duplicate among 10,000 keys, and none where there is none")
    func searchesLargeObjects() {
        let keys = (0..<10_000).map { "\"key \($0)\":\($0)" }
        #expect(failure("{" + keys.joined(separator: ",") + "}") == nil)
        for repeated in [0, 4_999, 9_998] {
            let twice = keys + ["\"key \(repeated)\":0"]
            #expect(
                failure("{" + twice.joined(separator: ",") + "}")
                    == .duplicateKey(pointer: "/key \(repeated)")
            )
        }
    }

    @Test("takes numbers exactly or refuses them")
    func readsNumbersExactly() throws {
        let text = """
            [0, -0, 9223372036854775807, -9223372036854775808, 18446744073709551615, 1e2, 1.0,
             0.1, 1e-300, 1e-400, 1.5e-320, -0.0, 9007199254740993]
            """
        let values = Array(try JSONParser().parse(Array(text.utf8)).elements)
        #expect(values[0].int == 0 && values[1].int == 0)
        #expect(values[2].int == Int.max && values[3].int == Int.min)
        #expect(values[4].int == nil && values[4].uint == UInt64.max)
        #expect(values[4].kind == .integer && values[3].uint == nil)
        #expect(values[5].int == nil && values[5].double == 100 && values[5].kind == .number)
        #expect(values[6].int == nil && values[6].double == 1)
        #expect(values[7].double == 0.1 && values[8].double == 1e-300 && values[9].double == 0)
        #expect(values[10].double == Double("1.5e-320"))
        #expect(values[11].double?.sign == .minus)
        #expect(values[12].int == 9_007_199_254_740_993)
    }

    @Test("reads every kind of value")
    func readsValues() throws {
        let parser = JSONParser()
        let root = try parser.parse(
            Array(
                #"{"s":"a\u00e9\n\u0000b","t":true,"f":false,"n":null,"a":[1,[2],{}],"o":{"x":{}}}"#
                    .utf8
            )
        )
        #expect(root.kind == .object && root.count == 6)
        #expect(root["s"]?.string == "aé\n\0b")
        #expect(root["s"]?.withUTF8 { Array($0) } == Array("aé\n\0b".utf8))
        #expect(root["t"]?.bool == true && root["f"]?.bool == false && root["t"]?.kind == .bool)
        #expect(root["n"]?.isNull == true && root["n"]?.kind == .null)
        #expect(root["a"]?.elements.map(\.kind) == [.integer, .array, .object])
        #expect(root["o"]?["x"]?.count == 0)
        #expect(root["missing"] == nil && root["a"]?["s"] == nil && root["s"]?.count == 0)
        #expect(root.members.map(\.key) == ["s", "t", "f", "n", "a", "o"])
        #expect(root["s"]?.int == nil && root["s"]?.double == nil && root["t"]?.string == nil)
    }

    @Test("needs no bytes beyond the document's")
    func readsBorrowedBytes() throws {
        // A page that ends where the document ends: a read past it is found by the sanitizers.
        for length in 1...130 {
            let text = "\"" + String(repeating: "x", count: length) + "\""
            let exact = UnsafeMutableRawBufferPointer.allocate(
                byteCount: text.utf8.count,
                alignment: 1
            )
            defer { exact.deallocate() }
            exact.copyBytes(from: text.utf8)
            let value = try JSONParser().parse(UnsafeRawBufferPointer(exact))
            #expect(value.string?.utf8.count == length)
        }
    }

    @Test("refuses more bytes than its limit")
    func limitsBytes() {
        let parser = JSONParser(maximumBytes: 8)
        #expect(throws: JSONError.tooLarge(limit: 8)) { try parser.parse(Array("[1,2,3,4]".utf8)) }
        #expect(throws: Never.self) { try parser.parse(Array("[1,2,33]".utf8)) }
    }

    @Test("reads a small document after a large one, and the other way round")
    func changesSize() throws {
        let parser = JSONParser()
        let large = Array(("[" + String(repeating: "1,", count: 1_000_000) + "2]").utf8)
        for _ in 0..<2 {
            #expect(try parser.parse(Array("[1]".utf8)).count == 1)
            #expect(try parser.parse(large).count == 1_000_001)
        }
    }

    @Test("copies floats and names the first that is none")
    func copiesFloats() throws {
        func copy(_ text: String, count: Int) throws -> [Float] {
            let value = try JSONParser().parse(Array(text.utf8))
            var floats = [Float](repeating: -1, count: count)
            try floats.withUnsafeMutableBufferPointer { buffer throws(JSONFloatsError) in
                try value.copyFloats(into: buffer)
            }
            return floats
        }
        #expect(
            try copy("[1, -2.5, 1e-50, 18446744073709551615]", count: 4) == [
                1, -2.5, 0, 1.8446744e19,
            ]
        )
        #expect(try copy("[]", count: 0) == [])
        #expect(throws: JSONFloatsError.notAFloat(index: 1)) { try copy("[1, 1e39, 2]", count: 3) }
        #expect(throws: JSONFloatsError.notAFloat(index: 2)) { try copy("[1, 2, null]", count: 3) }
        #expect(throws: JSONFloatsError.notAFloat(index: 0)) { try copy("[[1], 2]", count: 2) }
        #expect(throws: JSONFloatsError.wrongCount(expected: 2, found: 3)) {
            try copy("[1,2,3]", count: 2)
        }
        #expect(throws: JSONFloatsError.notAnArray) { try copy("{}", count: 0) }
    }
}
