/// Which columns hold the label and the text, and whether a first line names them.
///
/// The same names are those of the members of JSON rows.
public struct ColumnOptions: Sendable, Equatable {
    /// The column of the label: its name in the header, or its number from 1; nil to find it.
    public var label: String?
    /// The column of the text: its name in the header, or its number from 1; nil to find it.
    public var text: String?
    /// Whether the first line names the columns; nil to see.
    public var hasHeader: Bool?
    /// What stands between the labels of a text in a table; nil where each text has one.
    public var labelSeparator: String?
    /// The label of texts that have none of the labels; nil where only a JSON null says so.
    public var outOfScope: OutOfScopeLabel?
    /// How the options are written where the rows come from.
    public var spelling = Spelling.query

    /// How messages name the options.
    public enum Spelling: Sendable {
        /// `label_column=x`.
        case query
        /// `--label-column=x`.
        case commandLine
    }

    /// Makes options.
    public init(
        label: String? = nil,
        text: String? = nil,
        hasHeader: Bool? = nil,
        labelSeparator: String? = nil,
        outOfScope: OutOfScopeLabel? = nil,
        spelling: Spelling = .query
    ) {
        self.outOfScope = outOfScope
        self.labelSeparator = labelSeparator
        self.label = label
        self.text = text
        self.hasHeader = hasHeader
        self.spelling = spelling
    }

    /// What sets the column of `field` ("label" or "text").
    func option(_ field: String, _ value: String) -> String {
        spelling == .query ? "\(field)_column=\(value)" : "--\(field)-column=\(value)"
    }

    /// What names the format.
    func formatOption(_ value: String) -> String {
        spelling == .query ? "format=\(value)" : "--format=\(value)"
    }

    /// What says that there is a header, or none.
    func headerOption(_ value: String) -> String {
        spelling == .query ? "header=\(value)" : "--header=\(value)"
    }
}

/// The names of columns or members, and what they tell.
struct ColumnNames {
    /// What the names say of label and text.
    enum Choice: Equatable {
        /// The positions of both.
        case both(label: Int, text: Int)
        /// Only one is known; the other is nil.
        case partial(label: Int?, text: Int?)
        /// Neither is known.
        case unknown
        /// They cannot be told; a sentence without a full stop.
        case refused(String)
    }

    /// As they are shown.
    let names: [String]
    /// As they are compared.
    private let keys: [String]

    init(_ names: [String]) {
        self.names = names.map(Self.shown)
        keys = names.map(Self.key)
    }

    /// Chooses the columns of label and text.
    ///
    /// A name in `options` wins, then the exact `label` or `text`, then the only known name.
    func choose(_ options: ColumnOptions) -> Choice {
        let (label, text): (Int?, Int?)
        switch (find("label", options.label, options), find("text", options.text, options)) {
        case (.refused(let problem), _), (_, .refused(let problem)): return .refused(problem)
        case (.found(let first), .found(let second)): (label, text) = (first, second)
        }
        switch (label, text) {
        case (let label?, let text?):
            if label == text {
                return .refused("\"\(names[label])\" cannot hold both label and text")
            }
            return .both(label: label, text: text)
        case (nil, nil): return .unknown
        default: return .partial(label: label, text: text)
        }
    }

    /// All names, in quotes, for messages.
    var list: String {
        let shown = names.prefix(12).map { "\"\($0)\"" }
        let more = names.count > shown.count ? ["…"] : []
        return (shown + more).joined(separator: ", ")
    }

    /// Whether these names are the same, whatever their order.
    func isPermutation(of other: ColumnNames) -> Bool {
        keys.count == other.keys.count && keys.sorted() == other.keys.sorted()
    }

    private enum Found {
        case found(Int?)
        case refused(String)
    }

    private func find(_ field: String, _ wanted: String?, _ options: ColumnOptions) -> Found {
        if let wanted { return find(field, named: wanted, options) }
        let known = field == "label" ? Self.labelNames : Self.textNames
        let taken = field == "label" ? options.text : options.label
        let candidates = keys.indices.filter { index in
            known.contains(keys[index]) && taken.map { Self.key($0) != keys[index] } ?? true
        }
        let exact = candidates.filter { keys[$0] == field }
        let best = exact.isEmpty ? candidates : exact
        guard best.count > 1 else { return .found(best.first) }
        return .refused(ambiguity(best, field, options))
    }

    private func find(
        _ field: String,
        named wanted: String,
        _ options: ColumnOptions
    ) -> Found {
        let same = names.indices.filter { names[$0] == Self.shown(wanted) }
        let key = Self.key(wanted)
        let alike = same.isEmpty ? keys.indices.filter { keys[$0] == key && !key.isEmpty } : same
        if alike.count > 1 { return .refused(ambiguity(alike, field, options)) }
        if let index = alike.first { return .found(index) }
        if let number = Int(wanted), (1...names.count).contains(number) {
            return .found(number - 1)
        }
        return .refused(
            "there is no column or member \"\(Self.shown(wanted))\" for the \(field), only \(list)"
        )
    }

    private func ambiguity(_ places: [Int], _ field: String, _ options: ColumnOptions) -> String {
        let found = places.prefix(4).map { "\"\(names[$0])\" (column \($0 + 1))" }
            .joined(separator: places.count == 2 ? " and " : ", ")
        let isRepeated = Set(places.map { keys[$0] }).count == 1
        let value = isRepeated ? "\(places[0] + 1)" : names[places[0]]
        return "\(found) may each hold the \(field); say which with "
            + options.option(field, value)
    }

    /// Lower case, words joined by `_`, nothing else: `Intent Name ` is `intent_name`.
    private static func key(_ name: String) -> String {
        name.lowercased().split { !$0.isLetter && !$0.isNumber }.joined(separator: "_")
    }

    /// Without blanks around it, shortened.
    private static func shown(_ name: String) -> String {
        let scalars = name.unicodeScalars
        let isBlank = { (scalar: Unicode.Scalar) in
            scalar.properties.isWhitespace || scalar.properties.isDefaultIgnorableCodePoint
        }
        let start = scalars.drop(while: isBlank)
        let end = start.lastIndex { !isBlank($0) }
        let trimmed = end.map { String(start[...$0]) } ?? ""
        return trimmed.count > 40 ? trimmed.prefix(40) + "…" : trimmed
    }

    /// Names that a column or member for the label may have.
    static let labelNames: Set<String> = [
        "label", "labels", "category", "categories", "class", "classes", "intent", "intents", "tag",
        "tags", "target", "targets", "sentiment", "topic", "topics", "emotion", "polarity", "y",
        "v1",
        "label_name", "class_name", "category_name", "intent_name", "class_label", "gold_label",
    ]
    /// Names that a column or member for the text may have.
    static let textNames: Set<String> = [
        "text", "texts", "sentence", "sentences", "utterance", "utterances", "message", "messages",
        "query", "queries", "question", "questions", "content", "document", "documents", "body",
        "description", "review", "reviews", "comment", "comments", "title", "tweet", "tweets",
        "headline", "phrase", "sms", "x", "v2",
    ]
    /// Some of each for messages.
    static let someLabelNames = "label, category, class, intent, tag, target, sentiment or topic"
    static let someTextNames = "text, sentence, utterance, message, query, review or comment"
}
