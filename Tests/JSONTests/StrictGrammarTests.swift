import JSON
import Testing

/// Own cases of the kinds that JSONTestSuite has: what every reader must refuse, must accept,
/// and may do as it likes (there, what this one does).
@Suite struct StrictGrammarTests {
    @Test("refuses what is not JSON", arguments: notJSON)
    func refuses(text: [UInt8]) {
        #expect(throws: JSONError.self) { try JSONParser().parse(text) }
    }

    @Test("accepts what is JSON", arguments: json)
    func accepts(text: String) throws {
        _ = try JSONParser().parse(Array(text.utf8))
    }

    @Test("reads or refuses what the grammar leaves open, never bends it", arguments: open)
    func decidesOpenCases(open: OpenCase) throws {
        let parser = JSONParser()
        guard let error = open.error else {
            _ = try parser.parse(open.bytes)
            return
        }
        #expect(throws: error) { try parser.parse(open.bytes) }
    }

    @Test("can be used again after every refusal")
    func recovers() throws {
        let parser = JSONParser()
        for text in notJSON {
            _ = try? parser.parse(text)
            #expect(try parser.parse(Array(#"{"a":[1,"b"]}"#.utf8))["a"]?.count == 2)
        }
    }
}

/// A text that RFC 8259 leaves to the reader.
struct OpenCase: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    let error: JSONError?
    var testDescription: String { name }

    init(_ name: String, _ bytes: [UInt8], _ error: JSONError? = nil) {
        self.name = name
        self.bytes = bytes
        self.error = error
    }

    init(_ name: String, _ text: String, _ error: JSONError? = nil) {
        self.init(name, Array(text.utf8), error)
    }
}

private let alone = "a surrogate is alone"

private let open: [OpenCase] = [
    OpenCase("huge exponent", "[1e400]", .numberOutOfRange(offset: 1)),
    OpenCase("huge negative", "[-1e400]", .numberOutOfRange(offset: 1)),
    OpenCase("many digits before the exponent", "[123123e100000]", .numberOutOfRange(offset: 1)),
    OpenCase("underflow becomes zero", "[1e-400]"),
    OpenCase("above 64 bits", "[18446744073709551616]", .numberOutOfRange(offset: 1)),
    OpenCase("below 64 bits", "[-9223372036854775809]", .numberOutOfRange(offset: 1)),
    OpenCase(
        "a thousand digits",
        "[" + String(repeating: "7", count: 1000) + "]",
        .numberOutOfRange(offset: 1)
    ),
    OpenCase("lone high surrogate", #"["\uD800"]"#, .syntax(offset: 2, problem: alone)),
    OpenCase("lone low surrogate", #"["\uDC00"]"#, .syntax(offset: 2, problem: alone)),
    OpenCase("low surrogate after text", #"["a\uDFAAb"]"#, .syntax(offset: 3, problem: alone)),
    OpenCase("two high surrogates", #"["\uD800\uD800"]"#, .syntax(offset: 2, problem: alone)),
    OpenCase("inverted pair", #"["\uDD1E\uD834"]"#, .syntax(offset: 2, problem: alone)),
    OpenCase(
        "high surrogate, then a letter",
        #"["\uD800\u0061"]"#,
        .syntax(offset: 2, problem: alone)
    ),
    OpenCase(
        "high surrogate, then an escape",
        #"["\uD800\n"]"#,
        .syntax(offset: 2, problem: alone)
    ),
    OpenCase("surrogate in a key", #"{"\uDC00":1}"#, .syntax(offset: 2, problem: alone)),
    OpenCase("UTF-8 mark", [0xEF, 0xBB, 0xBF] + "{}".utf8, .byteOrderMark),
    OpenCase("UTF-16 mark", [0xFF, 0xFE, 0x5B, 0x00, 0x5D, 0x00], .byteOrderMark),
    OpenCase(
        "truncated sequence",
        Array("[\"".utf8) + [0xE0, 0xFF] + "\"]".utf8,
        .notUTF8(offset: 2)
    ),
    OpenCase("overlong slash", Array("[\"".utf8) + [0xC0, 0xAF] + "\"]".utf8, .notUTF8(offset: 2)),
    OpenCase(
        "encoded surrogate",
        Array("[\"".utf8) + [0xED, 0xA0, 0x80] + "\"]".utf8,
        .notUTF8(offset: 2)
    ),
    OpenCase(
        "above U+10FFFF",
        Array("[\"".utf8) + [0xF4, 0xBF, 0xBF, 0xBF] + "\"]".utf8,
        .notUTF8(offset: 2)
    ),
    OpenCase("Latin-1", Array("[\"".utf8) + [0xE9] + "\"]".utf8, .notUTF8(offset: 2)),
    OpenCase("same key twice", #"{"a":1,"a":1}"#, .duplicateKey(pointer: "/a")),
    OpenCase(
        "500 levels",
        String(repeating: "[", count: 500) + String(repeating: "]", count: 500),
        .tooDeep(limit: 32, offset: 32)
    ),
]

private let json: [String] = [
    "[]", "{}", "[[]   ]", "[\"\"]", "[\"a\"]", "[false]", "[null]", "[true]", "[1\n]", " [1]",
    "[1,null,null,2]", "[2] ", "[123e65]", "[0e+1]", "[0e1]", "[ 4]", "[-0.000000001]\n", "[20e1]",
    "[-0]", "[-123]", "[-1]", "[1E22]", "[1E-2]", "[1E+2]", "[123e45]", "[123.456e78]", "[1e-2]",
    "[1e+2]", "[123]", "[123.456789]", "{\"asd\":\"sdf\", \"dfg\":\"fgh\"}", "{\"asd\":\"sdf\"}",
    "{\"\":0}", "{\"foo\\u0000bar\": 42}", "{ \"min\": -1.0e+28, \"max\": 1.0e+28 }",
    "{\"a\":[]}", "{\"title\":\"\\u041f\\u043e\"}", "{\n\"a\": \"b\"\n}",
    "[\"\\u0060\\u012a\\u12AB\"]",
    "[\"\\uD801\\udc37\"]", "[\"\\ud83d\\ude39\\ud83d\\udc8d\"]",
    "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]",
    "[\"\\\\u0000\"]", "[\"\\\"\"]", "[\"a/*b*/c/*d//e\"]", "[\"\\\\a\"]", "[\"\\\\n\"]",
    "[\"\\u0012\"]", "[\"\\uFFFF\"]", "[\"asd\"]", "[\"\u{FFFF}\"]", "[\"\u{10FFFF}\"]",
    "[\"\u{1BFFF}\"]",
    "[\"\u{2028}\u{2029}\"]", "[\"\u{7F}\"]", "[\"π\"]", "[\"\\uDBFF\\uDFFE\"]", "[\"\\u200B\"]",
    "[\"⍂㈴⍂\"]", "false", "42", "-0.1", "null",
    "\"asd\"", "true", "\"\"", "[\"a\"]\n", "[true]",
    " [] ", "\t{\r\n\"k\" : [ 1 , 2 ] }\n", "18446744073709551615", "-9223372036854775808",
    "[1.7976931348623157e308]", "[5e-324]", "[0.1,0.10,0.100]",
]

private let notJSON: [[UInt8]] =
    [
        "", " ", "\n\t", "[1 true]", "[\"\": 1]", "[\"\"],", "[,1]", "[1,,2]", "[\"x\",,]",
        "[\"x\"]]",
        "[\"\",]", "[\"x\"", "[x", "[3[4]]", "[1:2]", "[,]", "[-]", "[   , \"\"]", "[1,]",
        "[\"a\",\n4\n,1,",
        "[1,,]", "[\"a", "[**]", "[\u{1}1]", "[1\u{C}]", "[nul]", "[fals]", "[tru]", "[True]",
        "[NULL]",
        "[nulls]", "nul", "truee", "[++1234]", "[+1]", "[+Inf]", "[-01]", "[-1.0.]", "[-2.]",
        "[-NaN]",
        "[.-1]", "[.2e-3]", "[0.1.2]", "[0.3e+]", "[0.3e]", "[0.e1]", "[0E+]", "[0E]", "[1.0e+]",
        "[1.0e-]", "[1.0e]", "[1 000.0]", "[1eE2]", "[2.e+3]", "[2.e-3]", "[2.e3]", "[9.e+]",
        "[Inf]",
        "[NaN]", "[１]", "[1+2]", "[0x1]", "[0x42]", "[Infinity]", "[0e+-1]", "[-123.123foo]",
        "[-Infinity]", "[-foo]", "[- 1]", "[-012]", "[-.123]", "[-1x]", "[1ea]", "[1.]", "[.123]",
        "[1.2a-3]", "[1.8011670033376514H-308]", "[012]", "01", "1.", "-", "1e", "[\"x\", truth]",
        "{[: \"x\"}\n", "{\"x\", null}", "{\"x\"::\"b\"}", "{🇨🇭}", "{\"a\":\"a\" 123}",
        "{key: 'value'}",
        "{\"a\" b}", "{:\"b\"}", "{\"a\" \"b\"}", "{\"a\":", "{\"a\"", "{1:1}", "{9999E9999:1}",
        "{null:null,null:null}", "{\"id\":0,,,,,}", "{'a':0}", "{\"id\":0,}",
        "{\"a\":\"b\",,\"c\":\"d\"}",
        "{a: \"b\"}", "{\"a\":\"a", "{ \"foo\" : \"bar\", \"a\" }", "{\"a\":\"b\"}#",
        "{\"a\":\"b\"}/**/",
        "{\"a\":\"b\"}//", "[\"\\uD800\\\"]", "[\"\\uD800\\u\"]", "[\"\\uD800\\u1\"]",
        "[\"\\uD800\\u1x\"]", "[é]", "[\"\\x00\"]",
        "[\"\\\\\\\"]", "[\"\\\u{9}\"]", "[\"\\🌀\"]",
        "[\"\\\"]", "[\"\\u00A\"]", "[\"\\uD834\\uDd\"]", "[\"\\uD800\\uD800\\x\"]", "[\"\\a\"]",
        "[\"\\uqqqq\"]", "[\\u0020\"asd\"]", "[\\n]", "\"", "['single quote']", "abc", "[\"\\",
        "[\"new\nline\"]", "[\"\u{9}\"]", "[\"a\u{0}a\"]", "[\"\u{1F}\"]", "\"\\UA66D\"", "\"\"x",
        "[\u{2060}]", "\u{FEFF}", "<.>", "[<null>]", "[1]x", "[1]]", "]", "}", "[1}", "{\"a\":1]",
        "[{]}", "1]", "{}}", "{\"\":", "[\"asd]", "2@", "{\"a\": true} \"x\"", "[][]", "1 2",
        "{} {}",
        "aå", "[True]", "[", "[{\"\":[{\"\":", "{", "{,", "{[", "{\"a", "{'a'", "[\"\\{[\"\\{",
        "*", "{\"a\":\"b\"}#{}", "[\\u000A\"\"]", "[1", "[ false, nul", "[ true, fals",
        "[ false, tru", "{\"asd\":\"asd\"", "å", "\u{2060}[]", "\u{C}[]", "[\u{C}]", "\u{A0}[]",
        "/**/[]", "[1] // note", "{\"a\":1;\"b\":2}", "{\"a\"=1}", "undefined", "[1\u{0}]",
        "[]\u{0}", "\u{0}[]", "nan", "+1", "-Infinity", ".5", "1_000", "0b1", "0o7", "1f", "00",
        "-00",
    ].map { Array($0.utf8) }
    + [
        [0xFE], [0x5B, 0xFF, 0x5D], [0x22, 0x80, 0x22], [0x5B, 0x22, 0xC3, 0x22, 0x5D],
        [0x5B, 0x31, 0xE5, 0x5D], [0x7B, 0x22, 0xB9, 0x22, 0x3A, 0x30, 0x7D], [0xE5], [0xEF, 0xBB],
        [0x5B, 0x00, 0x5D, 0x00], [0x22, 0xF0, 0x9F, 0x22],
        [0x22, 0xF8, 0x88, 0x80, 0x80, 0x80, 0x22],
    ]
