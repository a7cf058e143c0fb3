internal import Examples
internal import JSON
internal import Memory

/// A form with one file (RFC 7578), as `curl -F file=@rows.csv` sends it.
struct MultipartForm {
    /// The bytes of the file.
    let file: [UInt8]
    /// What the file is: by its type, its name, or its first line.
    let content: RequestContent
    /// The other fields, which are settings as in a query.
    let fields: [(name: String, value: String)]
    /// What the parts are called.
    let parts: FormParts

    /// Reads the body of a request.
    ///
    /// - Throws: when it is no such form, or has not exactly one file.
    init(_ body: [UInt8], boundary: String, memory: MemoryBudget) throws(ServiceError) {
        guard let parts = Self.parts(body, boundary: boundary) else {
            throw .invalid("", "The form ends too early, or is not divided by its boundary.")
        }
        // `curl -F 'file=<rows.csv'` names no file.
        let files = parts.filter { $0.fileName != nil || $0.name == "file" }
        guard files.count == 1 else {
            let names = files.isEmpty ? "" : " (\(Self.list(files.map(\.name))))"
            throw .invalid(
                "",
                "The form has \(files.isEmpty ? "no" : "\(files.count)") files\(names), and one is "
                    + "taken, as in curl -F file=@rows.csv."
            )
        }
        file = Array(files[0].body)
        content = Self.content(of: files[0], file, memory)
        let others = parts.filter { $0.fileName == nil && $0.name != "file" }
        fields = others.map { ($0.name, String(decoding: $0.body, as: UTF8.self)) }
        self.parts = FormParts(
            file: files[0].name.isEmpty ? "file" : files[0].name,
            fields: others.map(\.name)
        )
        for (index, part) in others.enumerated() {
            if part.name.isEmpty {
                throw .invalidRequest([
                    FieldError(pointer: "", detail: "A part of the form has no name.", part: "")
                ])
            }
            if others[..<index].contains(where: { $0.name == part.name }) {
                throw .invalidRequest([
                    FieldError(
                        pointer: "/" + part.name,
                        detail: "The form has the part \"\(Self.shown(part.name))\" twice.",
                        part: part.name
                    )
                ])
            }
        }
    }

    /// Names for people, as far as they can be shown.
    private static func list(_ names: [String]) -> String {
        names.prefix(5).map { "\"\(shown($0))\"" }.joined(separator: ", ")
    }

    private static func shown(_ name: String) -> String {
        String(
            name.unicodeScalars.prefix(40).filter { 0x20...0x7E ~= $0.value }.map(Character.init)
        )
    }

    /// One field of a form.
    private struct Part {
        var name = ""
        var fileName: String?
        var type = ""
        var body: ArraySlice<UInt8> = []
    }

    private static func content(
        of part: Part,
        _ file: [UInt8],
        _ memory: MemoryBudget
    ) -> RequestContent {
        let declared = RequestContent(field: part.type)
        if case .rows = declared { return declared }
        let named = part.fileName.flatMap(ExampleFormat.init(fileName:))
        let isJSON = if case .json = declared { true } else { named == .jsonLines }
        guard isJSON else {
            let found = file.withUnsafeBytes {
                ExampleReader.detectFormat(fileName: nil, bytes: $0)
            }
            return .rows(named ?? found)
        }
        // A whole request, or rows: an array, or one a line.
        let isRequest = (try? JSONParser(memory: memory).parse(file))?["examples"] != nil
        return isRequest ? .json : .rows(.jsonLines)
    }

    /// The parts between the boundaries; nil if the last boundary is missing.
    private static func parts(_ body: [UInt8], boundary: String) -> [Part]? {
        let mark = Array("--\(boundary)".utf8)
        // Each further mark stands behind a line end, which belongs to it.
        let divider = [0x0D, 0x0A] + mark
        guard body.starts(with: mark) else { return nil }
        var parts: [Part] = []
        var position = mark.count
        while true {
            if body[position...].starts(with: Array("--".utf8)) { return parts }
            guard body[position...].starts(with: [0x0D, 0x0A]),
                let end = index(of: divider, in: body[...], from: position),
                let part = part(body[position..<end])
            else { return nil }
            parts.append(part)
            position = end + divider.count
        }
    }

    /// Reads the head of a part: fields in lines, then an empty line.
    private static func part(_ bytes: ArraySlice<UInt8>) -> Part? {
        var part = Part()
        var position = bytes.startIndex + 2
        while let end = index(of: [0x0D, 0x0A], in: bytes, from: position) {
            if end == position {
                part.body = bytes[(end + 2)...]
                return part
            }
            let line = String(decoding: bytes[position..<end], as: UTF8.self)
            let field = line.split(separator: ":", maxSplits: 1).map { trimmed($0) }
            position = end + 2
            guard field.count == 2 else { continue }
            switch field[0].lowercased() {
            case "content-type": part.type = String(field[1])
            case "content-disposition":
                part.name = parameter("name", of: field[1]) ?? ""
                part.fileName = parameter("filename", of: field[1])
            default: break
            }
        }
        // A part without content ends with its head.
        return nil
    }

    /// The value of a parameter, in quotes or not.
    private static func parameter(_ name: String, of field: Substring) -> String? {
        for part in field.split(separator: ";").dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1).map { trimmed($0) }
            guard pair.count == 2, pair[0].lowercased() == name else { continue }
            return pair[1].hasPrefix("\"")
                ? String(pair[1].dropFirst().dropLast()) : String(pair[1])
        }
        return nil
    }

    /// Where `pattern` begins first at or behind `start`; nil if it does not stand there.
    private static func index(
        of pattern: [UInt8],
        in bytes: ArraySlice<UInt8>,
        from start: Int
    ) -> Int? {
        var position = start
        while let found = bytes[position...].firstIndex(of: pattern[0]) {
            if bytes[found...].starts(with: pattern) { return found }
            position = found + 1
        }
        return nil
    }
}
