import Foundation
import Model
import Testing

/// Files made to harm: each must be refused at once, with its name and the field that is wrong.
@Suite struct HostileCheckpointTests {
    /// Replace the first text by the second, make the digest again, expect this field.
    static let edits: [(old: String, new: String, field: String)] = [
        ("\"elman-checkpoint\"", "\"other\"", "/format"),
        ("\"elman-checkpoint\"", "null", "/format"),
        ("\"format\":\"elman-checkpoint\",", "", "/format"),
        ("\"format_version\":1", "\"format_version\":3", "/format_version"),
        ("\"format_version\":1", "\"format_version\":99,\"new\":1", "/format_version"),
        ("\"format_version\":1", "\"format_version\":0", "/format_version"),
        ("\"format_version\":1", "\"format_version\":1.0", "/format_version"),
        ("\"format_version\":1", "\"format_version\":\"1\"", "/format_version"),
        ("\"format_version\":1,", "", "/format_version"),
        ("\"model\":\"mood\"", "\"model\":\"\"", "/model"),
        ("\"model\":\"mood\"", "\"model\":\"../mood\"", "/model"),
        ("\"model\":\"mood\"", "\"model\":\"mo\\u0000od\"", "/model"),
        ("\"model\":\"mood\"", "\"model\":\"\(String(repeating: "m", count: 65))\"", "/model"),
        ("\"model\":\"mood\"", "\"model\":7", "/model"),
        ("\"model\":\"mood\",", "", "/model"),
        ("\"model\":\"mood\"", "\"model\":\"mood\",\"extra\":1", "/extra"),
        ("\"model\":\"mood\"", "\"model\":\"mood\",\"a/b~c\":1", "/a~1b~0c"),
        ("\"network\":\"article\"", "\"network\":\"transformer\"", "/architecture/network"),
        ("\"network\":\"article\",", "", "/architecture/network"),
        ("\"cell\":\"elman\"", "\"cell\":\"gru\"", "/architecture/cell"),
        ("\"cell\":\"elman\"", "\"cell\":null", "/architecture/cell"),
        ("\"cell\":\"elman\",", "", "/architecture/cell"),
        ("\"cell\":\"elman\"", "\"layers\":2,\"cell\":\"elman\"", "/architecture/layers"),
        ("\"hidden_size\":3", "\"hidden_size\":0", "/architecture/hidden_size"),
        ("\"hidden_size\":3", "\"hidden_size\":-1", "/architecture/hidden_size"),
        ("\"hidden_size\":3", "\"hidden_size\":1025", "/architecture/hidden_size"),
        ("\"hidden_size\":3", "\"hidden_size\":2147483648", "/architecture/hidden_size"),
        ("\"hidden_size\":3", "\"hidden_size\":9223372036854775808", "/architecture/hidden_size"),
        ("\"hidden_size\":3", "\"hidden_size\":3.0", "/architecture/hidden_size"),
        ("\"hidden_size\":3", "\"hidden_size\":4", "/tensors/w1/shape"),
        (",\n\"sad\"", "", "/labels"),
        ("\"happy\",\n\"sad\"", "", "/labels"),
        ("\"sad\"", "\"happy\"", "/labels/1"),
        ("\"sad\"", "\"\"", "/labels/1"),
        ("\"sad\"", "null", "/labels/1"),
        ("\"sad\"", "\"\(String(repeating: "s", count: 257))\"", "/labels/1"),
        ("\"sad\"", "\"sad\",\"third\"", "/tensors/w3/shape"),
        ("\"unicode-words-2\"", "\"characters\"", "/tokenizer/kind"),
        ("\"maximum_tokens\":160", "\"maximum_tokens\":0", "/tokenizer/maximum_tokens"),
        ("\"maximum_tokens\":160", "\"maximum_tokens\":1e9", "/tokenizer/maximum_tokens"),
        ("\"<unk>\"", "\"unk\"", "/vocabulary/0"),
        ("\"good\"", "\"bad\"", "/vocabulary/2"),
        ("\"good\"", "\"<unk>\"", "/vocabulary/1"),
        ("\"good\"", "\"\"", "/vocabulary/1"),
        ("\"good\"", "[]", "/vocabulary/1"),
        (",\n\"am\"", "", "/tensors/w1/shape"),
        ("\"am\"", "\"am\",\"pm\"", "/tensors/w1/shape"),
        ("\"recurrent\":1.0", "\"recurrent\":0", "/calibration"),
        ("\"recurrent\":1.0", "\"recurrent\":-1", "/calibration/recurrent"),
        ("\"recurrent\":1.0", "\"recurrent\":1e300", "/calibration/recurrent"),
        ("\"recurrent\":1.0", "\"bias\":1", "/calibration/bias"),
        ("\"rows\":58", "\"rows\":0", "/training/rows"),
        ("\"rows\":58", "\"rows\":\"58\"", "/training/rows"),
        ("\"data_sha256\":\"01", "\"data_sha256\":\"0", "/training/data_sha256"),
        ("\"data_sha256\":\"01", "\"data_sha256\":\"0A", "/training/data_sha256"),
        ("\"recipe\":\"article\"", "\"recipe\":\"magic\"", "/training/options/recipe"),
        ("\"seed\":1", "\"seed\":-1", "/training/options/seed"),
        ("\"epochs\":1000", "\"epochs\":0", "/training/options/epochs"),
        ("\"learning_rate\":0.02", "\"learning_rate\":0", "/training/options/learning_rate"),
        ("\"learning_rate\":0.02", "\"rate\":0.02", "/training/options/rate"),
        ("\"given\":[\"recipe\"],", "", "/training/given"),
        ("\"given\":[\"recipe\"]", "\"given\":[\"threads\"]", "/training/given/0"),
        ("\"given\":[\"recipe\"]", "\"given\":[\"seed\",\"seed\"]", "/training/given/1"),
        ("\"given\":[\"recipe\"]", "\"given\":\"recipe\"", "/training/given"),
        ("\"epochs\":{", "\"epoch\":{", "/training/epoch"),
        ("\"asked\":null", "\"asked\":0", "/training/epochs/asked"),
        ("\"path\":\"article\"", "\"path\":1", "/training/epochs/paths/0/path"),
        ("\"run\":1000", "\"run\":1000000000", "/training/epochs/paths/0/run"),
        ("\"kept\":1000", "\"kept\":1001", "/training/epochs/paths/0/kept"),
        ("\"accuracy\":1.0", "\"accuracy\":1.5", "/training/metrics/train/accuracy"),
        ("\"held_out\":{", "\"held_out\":{\"x\":1,", "/training/metrics/held_out/x"),
        ("\"name\":\"majority\"", "\"name\":0", "/training/baselines/0/name"),
        ("\"tool_version\"", "\"tool\"", "/training/tool"),
        ("\"w1\":{", "\"w9\":{", "/tensors/w9"),
        ("\"w1\":{", "\"w1\":{\"dtype\":\"f32\",", "/tensors/w1/dtype"),
        ("\"shape\":[6,3]", "\"shape\":[3,6]", "/tensors/w1/shape"),
        ("\"shape\":[6,3]", "\"shape\":[18]", "/tensors/w1/shape"),
        ("\"shape\":[6,3]", "\"shape\":[6,0]", "/tensors/w1/shape"),
        ("\"shape\":[6,3]", "\"shape\":[6,-3]", "/tensors/w1/shape/1"),
        ("\"shape\":[6,3]", "\"shape\":[6,2147483648]", "/tensors/w1/shape"),
        ("\"shape\":[6,3]", "\"shape\":[6,9223372036854775808]", "/tensors/w1/shape/1"),
        // The product wraps around to 18 in 64 bits.
        ("\"shape\":[6,3]", "\"shape\":[6,6148914691236517208]", "/tensors/w1/shape"),
        ("\"shape\":[6,3]", "\"shape\":\"6x3\"", "/tensors/w1/shape"),
        ("\"shape\":[6,3],", "", "/tensors/w1/shape"),
    ]

    @Test("an edited member is refused by its pointer", arguments: edits)
    func edited(old: String, new: String, field: String) throws {
        try expectRefusal(try SampleCheckpoint.replacing(old, with: new), field: field)
    }

    static let weights = [
        "NaN", "1e39", "-1e39", "1e400", "10001", "-10000.01", "null", "\"0.5\"", "true", "[0.5]",
        "{}", "0.5,0.5", "",
    ]

    @Test("a weight that is no usable number is refused", arguments: weights)
    func badWeight(weight: String) throws {
        let values = "\"values\":[\n"
        let bytes = try SampleCheckpoint.replacing(
            from: values,
            through: ",",
            with: weight.isEmpty ? values : "\(values)\(weight),"
        )
        let error = try refusal(bytes)
        // What is no JSON at all is a matter of the whole file.
        let isSyntax = ["NaN", "1e400"].contains(weight)
        #expect(error.field.hasPrefix("/tensors/w1/values") || (isSyntax && error.field.isEmpty))
    }

    @Test("a file that is no checkpoint at all is refused")
    func noCheckpoint() throws {
        let valid = try SampleCheckpoint.make().encoded()
        let deep = Array(String(repeating: "[", count: 100_000).utf8)
        for (name, bytes) in [
            ("empty", []), ("blank", Array("  \n".utf8)), ("null", Array("null".utf8)),
            ("array", Array("[]".utf8)), ("gzip", [0x1F, 0x8B, 8, 0, 0, 0, 0, 0]),
            ("byte-order mark", [0xEF, 0xBB, 0xBF] + valid), ("deep", deep),
            ("trailing", valid + Array("{}".utf8)), ("trailing zero", valid + [0]),
            ("trailing newline", valid + [10]), ("twice", valid + valid),
            ("not UTF-8", Array("{\"format\":\"".utf8) + [0xFF] + Array("\"}".utf8)),
            ("zeros", [UInt8](repeating: 0, count: 4096)),
        ] {
            let error = try refusal(bytes)
            #expect(error.source == "hostile.json", "\(name)")
        }
    }

    @Test("repeated members are refused, at the top and below")
    func repeatedMembers() throws {
        for (old, new) in [
            ("\"model\":\"mood\"", "\"model\":\"mood\",\"model\":\"mood\""),
            ("\"hidden_size\":3", "\"hidden_size\":3,\"hidden_size\":3"),
            ("\"hidden_size\":3", "\"hidden_size\":3,\"hidden\\u005fsize\":3"),
        ] {
            _ = try refusal(try SampleCheckpoint.replacing(old, with: new))
        }
    }

    @Test("100,000 unknown members cost no more than reading them")
    func manyMembers() throws {
        let extra = (0..<100_000).map { "\"k\($0)\":0" }.joined(separator: ",")
        let bytes = try SampleCheckpoint.replacing(
            "\"model\":\"mood\"",
            with: "\"model\":\"mood\",\(extra)"
        )
        try expectRefusal(bytes, field: "/k0")
    }

    @Test("more than 20 million parameters are refused before a tensor is read")
    func tooManyParameters() throws {
        let words = (0..<20_000).map { "\"x\($0)\"" }.joined(separator: ",")
        let text = String(
            decoding: try SampleCheckpoint.replacing(
                "\"hidden_size\":3",
                with: "\"hidden_size\":1024"
            ),
            as: UTF8.self
        )
        let covered = try #require(text.components(separatedBy: ",\n\"sha256\"").first)
        let bytes = SampleCheckpoint.withDigest(
            covered.replacingOccurrences(of: "\"am\"", with: "\"am\",\(words)")
        )
        try expectRefusal(bytes, field: "/architecture")
    }

    @Test("a wrong, missing, misplaced or upper-case digest is refused")
    func digest() throws {
        let text = try SampleCheckpoint.text()
        let start = try #require(text.firstRange(of: ",\n\"sha256\""))
        let covered = String(text[..<start.lowerBound])
        let digest = text[start.upperBound...].dropFirst(2).prefix(64)
        for (name, file) in [
            ("missing", covered + "\n}\n"),
            ("wrong", covered + ",\n\"sha256\":\"\(String(repeating: "0", count: 64))\"\n}\n"),
            ("upper case", covered + ",\n\"sha256\":\"\(digest.uppercased())\"\n}\n"),
            ("short", covered + ",\n\"sha256\":\"abc\"\n}\n"),
            ("spaced", covered + ", \"sha256\":\"\(digest)\"\n}\n"),
            ("no last newline", covered + ",\n\"sha256\":\"\(digest)\"\n}"),
            ("edited body", text.replacingOccurrences(of: "\"happy\"", with: "\"happi\"")),
        ] {
            let error = try refusal(Array(file.utf8))
            #expect(error.field == "/sha256", "\(name)")
        }
    }

    private func expectRefusal(_ bytes: [UInt8], field: String) throws {
        let error = try refusal(bytes)
        #expect(error.field == field, "\(error)")
    }

    private func refusal(_ bytes: [UInt8]) throws -> CheckpointError {
        let error = #expect(throws: CheckpointError.self) {
            try Checkpoint(parsing: bytes, source: "hostile.json")
        }
        let found = try #require(error)
        #expect(found.source == "hostile.json")
        #expect(found.description.hasPrefix("hostile.json: "))
        return found
    }
}
