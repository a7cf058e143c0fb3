public import Examples

/// Reads the training data of Rasa, versions 2 and 3: the examples of intents under `nlu` in YAML.
///
/// An intent is a label; one of a retrieval group keeps its whole name (`faq/hours`). Entities in
/// an example, such as `[Rome](city)`, leave their text. What is no intent is passed over: stories,
/// rules, responses, synonyms, lookup tables, regular expressions.
public enum RasaTrainingData {
    /// Whether a file's name promises it.
    public static func isNamed(_ fileName: String) -> Bool {
        let name = fileName.lowercased()
        return name.hasSuffix(".yml") || name.hasSuffix(".yaml")
    }

    /// Reads a whole file.
    ///
    /// - Parameters:
    ///   - bytes: the file.
    ///   - source: its name, for errors.
    ///   - rules: what an example may look like.
    /// - Returns: the rows, at least one, and what was passed over.
    /// - Throws: every example that is wrong, by its line; or that there are none.
    /// - Complexity: O(bytes).
    public static func read(
        _ bytes: [UInt8],
        source: String?,
        rules: ExampleRules = ExampleRules()
    ) throws(RowErrors) -> (examples: [Example], notes: [String]) {
        var rows = RowCollector(source: source, rules: rules)
        let result: Result<[YAMLNode], YAMLError> = bytes.withUnsafeBufferPointer { buffer in
            Result { () throws(YAMLError) in try YAMLReader.documents(in: buffer) }
        }
        switch result {
        case .failure(let error): rows.refuse(line: error.line, error.detail)
        case .success(let documents): read(documents, into: &rows)
        }
        let file = try rows.finish(.jsonLines)
        return (file.examples, file.notes)
    }

    private static func read(_ documents: [YAMLNode], into rows: inout RowCollector) {
        let parts = documents.compactMap { $0["nlu"] }
        if parts.isEmpty {
            return rows.refuse(
                line: 1,
                "there is no \"nlu\" in it: training data of Rasa 2 and 3 is read"
            )
        }
        for part in parts {
            guard let items = part.elements else {
                rows.refuse(line: part.line, "\"nlu\" must be a list")
                continue
            }
            for item in items { read(item, into: &rows) }
        }
    }

    /// Reads an item of `nlu`; one that is no intent is passed over.
    private static func read(_ item: YAMLNode, into rows: inout RowCollector) {
        guard case .mapping = item.content else {
            return rows.refuse(line: item.line, "an item of \"nlu\" must have members")
        }
        guard let intent = item["intent"] else { return }
        guard let label = intent.string else {
            return rows.refuse(line: intent.line, field: "label", "must be the name of an intent")
        }
        guard let examples = item["examples"] else {
            return rows.note(line: item.line, "this intent has no examples")
        }
        switch examples.content {
        case .scalar(let text): read(lines: text, of: examples, label, into: &rows)
        case .sequence(let nodes):
            for node in nodes { read(example: node, label, into: &rows) }
        case .mapping:
            rows.refuse(line: examples.line, "\"examples\" must be a list, or a text of lines")
        }
    }

    /// Reads examples that are lines of one text, each after a dash.
    private static func read(
        lines text: String,
        of node: YAMLNode,
        _ label: String,
        into rows: inout RowCollector
    ) {
        var line = node.isBlock ? node.line + 1 : node.line
        for written in text.split(separator: "\n", omittingEmptySubsequences: false) {
            defer { if node.isBlock { line += 1 } }
            let example = written.drop(while: \.isWhitespace)
            if example.isEmpty { continue }
            guard example.first == "-" else {
                rows.note(line: line, "what does not begin with a dash is no example")
                continue
            }
            add(example.dropFirst(), label, line: line, to: &rows)
        }
    }

    /// Reads an example that is an item of a list: a text, or an object with `text`.
    private static func read(example: YAMLNode, _ label: String, into rows: inout RowCollector) {
        guard let node = example.string == nil ? example["text"] : example, let text = node.string
        else {
            return rows.refuse(
                line: example.line,
                field: "text",
                "must stand there, or as \"text\" in an object"
            )
        }
        add(text[...], label, line: node.isBlock ? node.line + 1 : node.line, to: &rows)
    }

    private static func add(
        _ written: Substring,
        _ label: String,
        line: Int,
        to rows: inout RowCollector
    ) {
        var text = withoutEntities(trimmed(written))
        var label = label
        label.withUTF8 { label in
            text.withUTF8 { text in rows.add(line: line, label: label, text: text) }
        }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }

    /// An example with the texts of its entities in their place: `[Rome](city)`,
    /// `[Rome]{"entity": "city"}` and `[Rome][{"entity": "city"}]` are `Rome`.
    static func withoutEntities(_ example: Substring) -> String {
        var result = ""
        var rest = example
        while let start = rest.firstIndex(of: "[") {
            result += rest[..<start]
            let inside = rest[rest.index(after: start)...]
            guard let end = inside.firstIndex(of: "]"), end > inside.startIndex,
                let after = endOfAnnotation(inside[inside.index(after: end)...])
            else {
                result.append("[")
                rest = inside
                continue
            }
            result += inside[..<end]
            rest = rest[after...]
        }
        return result + rest
    }

    /// Where what says which entity a text is ends; nil if the text does not begin with it.
    private static func endOfAnnotation(_ text: Substring) -> Substring.Index? {
        let (start, end): (String, String)
        if text.hasPrefix("(") {
            (start, end) = ("(", ")")
        } else if text.hasPrefix("{") {
            (start, end) = ("{", "}")
        } else if text.hasPrefix("[{") {
            (start, end) = ("[{", "}]")
        } else {
            return nil
        }
        let inside = text.dropFirst(start.count)
        guard let found = inside.firstRange(of: end), found.lowerBound > inside.startIndex else {
            return nil
        }
        return found.upperBound
    }
}
