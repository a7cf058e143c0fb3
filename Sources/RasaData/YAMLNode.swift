private import CYAML

/// A node of a YAML document: what stands there and where.
struct YAMLNode {
    enum Content {
        case scalar(String)
        case sequence([YAMLNode])
        /// Keys and values in their order; keys that are no scalars are left out.
        case mapping([(key: String, value: YAMLNode)])
    }

    let content: Content
    /// The line where it begins, from 1.
    let line: Int
    /// Whether it is a text in lines of its own, which begins in the line after that.
    var isBlock = false

    /// The text; nil for anything else.
    var string: String? { if case .scalar(let text) = content { text } else { nil } }

    /// The elements; nil for anything else.
    var elements: [YAMLNode]? { if case .sequence(let nodes) = content { nodes } else { nil } }

    /// The first value of a key; nil without one.
    subscript(key: String) -> YAMLNode? {
        guard case .mapping(let members) = content else { return nil }
        return members.first { $0.key == key }?.value
    }
}

/// Why bytes are no YAML that is read here.
struct YAMLError: Error, Equatable {
    /// From 1.
    let line: Int
    /// Without a full stop.
    let detail: String
}

/// Reads YAML by libyaml, document by document.
///
/// References to other nodes (`*name`) are refused: a few bytes could stand for very many nodes.
struct YAMLReader: ~Copyable {
    /// Nodes that may be open at once.
    private static let maximumDepth = 32

    private let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    private var event = yaml_event_t()
    private var hasEvent = false

    /// The root of each document in `bytes`.
    ///
    /// - Throws: what is wrong first.
    static func documents(in bytes: UnsafeBufferPointer<UInt8>) throws(YAMLError) -> [YAMLNode] {
        var reader = YAMLReader(bytes)
        var documents: [YAMLNode] = []
        try reader.advance()
        while reader.event.type != YAML_STREAM_END_EVENT {
            if reader.event.type == YAML_DOCUMENT_START_EVENT {
                try reader.advance()
                documents.append(try reader.node(depth: 0))
            }
            try reader.advance()
        }
        return documents
    }

    private init(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard yaml_parser_initialize(parser) == 1 else { fatalError("out of memory") }
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
    }

    deinit {
        var event = event
        if hasEvent { yaml_event_delete(&event) }
        yaml_parser_delete(parser)
        parser.deallocate()
    }

    private var line: Int { Int(event.start_mark.line) + 1 }

    /// Goes to the next event.
    private mutating func advance() throws(YAMLError) {
        if hasEvent { yaml_event_delete(&event) }
        hasEvent = yaml_parser_parse(parser, &event) == 1
        guard !hasEvent else { return }
        let problem = parser.pointee.problem.map { String(cString: $0) } ?? "cannot be read"
        let mark = parser.pointee.problem_mark.line
        throw YAMLError(line: Int(mark) + 1, detail: "this is no YAML: \(problem)")
    }

    /// The node that begins with the current event; ends at its last one.
    private mutating func node(depth: Int) throws(YAMLError) -> YAMLNode {
        let line = line
        guard depth < Self.maximumDepth else {
            throw YAMLError(line: line, detail: "there are more than \(depth) levels")
        }
        switch event.type {
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            return YAMLNode(
                content: .scalar(String(decoding: bytes, as: UTF8.self)),
                line: line,
                isBlock: [YAML_LITERAL_SCALAR_STYLE, YAML_FOLDED_SCALAR_STYLE].contains {
                    $0 == scalar.style
                }
            )
        case YAML_SEQUENCE_START_EVENT:
            var nodes: [YAMLNode] = []
            try advance()
            while event.type != YAML_SEQUENCE_END_EVENT {
                nodes.append(try node(depth: depth + 1))
                try advance()
            }
            return YAMLNode(content: .sequence(nodes), line: line)
        case YAML_MAPPING_START_EVENT:
            var members: [(key: String, value: YAMLNode)] = []
            try advance()
            while event.type != YAML_MAPPING_END_EVENT {
                let key = try node(depth: depth + 1)
                try advance()
                let value = try node(depth: depth + 1)
                try advance()
                if let name = key.string { members.append((name, value)) }
            }
            return YAMLNode(content: .mapping(members), line: line)
        default:
            throw YAMLError(line: line, detail: "references (*name) are not read")
        }
    }
}
