internal import JSON
internal import Model

/// One line of a token file.
struct TokenLine {
    /// The SHA-256 of the token, 32 bytes.
    let digest: [UInt8]
    let principal: Principal
    let name: String

    /// What is wrong with a line; it never repeats what may be a token in the wrong place.
    struct Problem: Error {
        let detail: String

        init(_ detail: String) { self.detail = detail }
    }

    private static let members = ["name", "sha256", "scopes", "models"]

    /// Reads and checks a line.
    init(_ bytes: [UInt8], _ parser: JSONParser) throws(Problem) {
        let value: JSONValue
        do throws(JSONError) { value = try parser.parse(bytes) } catch {
            throw Problem("not JSON: \(error.description)")
        }
        guard value.kind == .object else { throw Problem("not an object") }
        for (key, _) in value.members where !Self.members.contains(key) {
            throw Problem("a member that is none of \(Self.members.joined(separator: ", "))")
        }
        guard let name = value["name"]?.string, NameRule.lowerCase.allows(name) else {
            throw Problem(
                "\"name\" must be 1 to 64 lower-case letters, digits, '.', '_' or '-', "
                    + "a letter or digit first"
            )
        }
        let digest = value["sha256"]?.string.flatMap(Self.bytes(ofHexadecimal:))
        guard let digest, digest.count == 32 else {
            throw Problem("\"sha256\" must be 64 lower-case hexadecimal digits")
        }
        let scopeNames = Self.strings(value["scopes"]) ?? []
        let scopes = scopeNames.compactMap(Scope.init(rawValue:))
        guard !scopes.isEmpty, scopes.count == scopeNames.count else {
            let names = Scope.allCases.map(\.rawValue).joined(separator: ", ")
            throw Problem("\"scopes\" must be a list of some of \(names)")
        }
        var models: Set<String>?
        if let given = value["models"] {
            guard let names = Self.strings(given), !names.isEmpty else {
                throw Problem("\"models\" must be a list of names; leave it out for all")
            }
            guard !scopes.contains(.admin) else {
                throw Problem("a token with the scope admin is for all models")
            }
            models = Set(names)
        }
        self.name = name
        self.digest = digest
        principal = Principal(name: name, scopes: Set(scopes), models: models)
    }

    /// Writes a line; nothing is checked.
    static func text(
        name: String,
        digest: String,
        scopes: [Scope],
        models: [String]
    ) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.member("name", string: name)
        json.member("sha256", string: digest)
        let lists = [("scopes", scopes.map(\.rawValue)), ("models", models)]
        for (key, list) in lists where !list.isEmpty {
            json.key(key)
            json.beginArray()
            for text in list { json.string(text) }
            json.endArray()
        }
        json.endObject()
        return json.finish()
    }

    private static func strings(_ value: JSONValue?) -> [String]? {
        guard let value, value.kind == .array else { return nil }
        var strings: [String] = []
        for element in value.elements {
            guard let string = element.string else { return nil }
            strings.append(string)
        }
        return strings
    }

    private static func bytes(ofHexadecimal text: String) -> [UInt8]? {
        let digits = text.utf8.compactMap { digit -> UInt8? in
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
            default: nil
            }
        }
        guard digits.count == text.utf8.count, digits.count.isMultiple(of: 2) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}
