internal import Examples
internal import JSON

/// The body of a request that brings labelled rows: JSON with `examples` and settings beside them,
/// or rows alone in a text format, with the settings in the query.
struct LabelledBody {
    /// Settings that a query may have.
    struct Parameters {
        /// Those that are strings.
        var texts: [String] = []
        /// Those that are numbers, or true or false.
        var literals: [String] = []
        /// The members of `options`; a name may stand in one list only.
        var optionTexts: [String] = []
        var optionLiterals: [String] = []
    }

    /// The members of the JSON body, or what the query says in the same form.
    let settings: JSONValue
    /// What was passed over in rows of a text format.
    private(set) var notes: [String] = []
    /// The rows of a text format.
    private let rows: [Example]?
    /// The rows of a body that is a JSON array.
    private let array: JSONValue?
    private let columns: ColumnOptions
    private let limits: Limits
    private let route: Route

    /// Reads a body; the rows of a text format are checked one by one.
    ///
    /// - Throws: what is wrong; each row that is, by its line.
    init(_ request: RequestCopy, _ parameters: Parameters, limits: Limits) throws(ServiceError) {
        self.limits = limits
        route = request.route
        let query = request.queryItems.filter { !Self.rowParameters.contains($0.name) }
        columns = try Self.columns(request.queryItems)
        if let format = try Self.format(of: request) {
            settings = try Self.settings(query, parameters)
            let file = try Self.rows(request, format, columns, limits)
            (rows, notes) = (file.examples, file.notes)
            array = nil
            return
        }
        rows = nil
        guard columns.hasHeader == nil else {
            throw .invalidParameter("Only CSV and TSV have a header; \"header\" does not fit JSON.")
        }
        let body: JSONValue
        do throws(JSONError) { body = try Self.parse(request.body) } catch {
            throw .invalidJSON(error.description)
        }
        if body.kind == .array {
            array = body
            settings = try Self.settings(query, parameters)
            return
        }
        array = nil
        settings = body
        guard query.isEmpty else {
            throw .invalidParameter(
                "Beside a JSON object the query takes nothing but label_column and text_column: "
                    + "settings are its members."
            )
        }
        guard settings.kind == .object else {
            throw .invalid("", "The body must be an object with \"examples\", or an array of rows.")
        }
    }

    /// Parses a body; a byte-order mark may stand before an array, which comes from a file.
    private static func parse(_ body: [UInt8]) throws(JSONError) -> JSONValue {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let isFile = body.starts(with: mark) && body.dropFirst(3).first == UInt8(ascii: "[")
        return try JSONParser().parse(isFile ? Array(body.dropFirst(3)) : body)
    }

    /// The rows.
    ///
    /// - Parameters:
    ///   - member: `examples` of a JSON body, if it has that.
    ///   - count: how many there may be.
    ///   - errors: gets what is wrong; not all of it if there is much.
    /// - Returns: nil if there are none to be read; without meaning when something is wrong.
    func examples(
        _ member: JSONValue?,
        count: ClosedRange<Int>,
        _ errors: inout FieldErrors
    ) -> [Example]? {
        if let rows {
            if rows.count < count.lowerBound {
                errors.add("", "There must be at least \(count.lowerBound) rows.")
            }
            return rows
        }
        let reader = ExampleRows(limits, columns, rest: Limits.rest(route))
        if let array { return reader.read(array, nil, count: count, &errors) }
        return member.map { reader.read($0, "examples", count: count, &errors) }
    }

    /// The format of the rows, by `format` in the query or by `Content-Type`; nil for JSON.
    private static func format(of request: RequestCopy) throws(ServiceError) -> ExampleFormat? {
        let named = request.queryItems.first { $0.name == "format" }?.value
        let refusal = ServiceError.unsupportedMediaType(
            expected: types,
            found: request.content.name
        )
        if let named {
            guard let format = ExampleFormat(rawValue: named) else {
                throw .invalidParameter("\"format\" must be csv, tsv, jsonl or fasttext.")
            }
            // A page of another site can send the types that need no format to be told from ours.
            guard case .rows = request.content else {
                guard !request.isFromWebPage else { throw refusal }
                return format
            }
            return format
        }
        switch request.content {
        case .json: return nil
        case .rows(let format): return format
        case .plainText, .form, .multipart, .other: throw refusal
        }
    }

    private static let types =
        "application/json, text/csv, text/tab-separated-values, application/jsonl, "
        + "text/x-fasttext or multipart/form-data with one file (or name the format of the rows in "
        + "the query, as in ?format=csv)"

    /// What the query says of the rows themselves.
    static let rowParameters = ["format", "label_column", "text_column", "header"]

    private static func columns(
        _ query: [(name: String, value: String)]
    ) throws(ServiceError) -> ColumnOptions {
        var columns = ColumnOptions()
        for (name, value) in query {
            switch name {
            case "label_column": columns.label = value
            case "text_column": columns.text = value
            case "header":
                guard ["yes", "no"].contains(value) else {
                    throw .invalidParameter("\"header\" must be yes or no.")
                }
                columns.hasHeader = value == "yes"
            default: break
            }
        }
        return columns
    }

    private static func rows(
        _ request: RequestCopy,
        _ format: ExampleFormat,
        _ columns: ColumnOptions,
        _ limits: Limits
    ) throws(ServiceError) -> ExampleFile {
        do throws(RowErrors) {
            return try ExampleReader.read(
                request.body,
                format: format,
                columns: columns,
                rules: limits.exampleRules,
                rowLimit: limits.examples,
                rowLimitHint: "\(Limits.rest(request.route)), or raise --max-examples",
                errorLimit: Limits.namedErrors
            )
        } catch {
            // What curl -d made of a file.
            let body = request.body
            let isJoined = body.count > 80 && !body.contains { $0 == 0x0A || $0 == 0x0D }
            let hint =
                isJoined ? " The body is one line; curl -d joins lines, use --data-binary." : ""
            throw .invalidRequest(
                error.first.map { row in
                    FieldError(
                        pointer: "",
                        detail: "Line \(row.line): \(row.problem)." + hint,
                        line: row.line
                    )
                }
            )
        }
    }

    /// Writes the query as the JSON body would have it, so that both are checked in one place.
    private static func settings(
        _ query: [(name: String, value: String)],
        _ parameters: Parameters
    ) throws(ServiceError) -> JSONValue {
        var json = JSONWriter()
        json.beginObject()
        for (name, value) in query where !parameters.options.contains(name) {
            json.key(name)
            json.setting(value, isText: parameters.texts.contains(name))
        }
        let options = query.filter { parameters.options.contains($0.name) }
        if !options.isEmpty {
            json.key("options")
            json.beginObject()
            for (name, value) in options {
                json.key(name)
                json.setting(value, isText: parameters.optionTexts.contains(name))
            }
            json.endObject()
        }
        json.endObject()
        do throws(JSONError) { return try JSONParser().parse(json.finish()) } catch {
            throw .invalidParameter("The query cannot be read.")
        }
    }
}

extension LabelledBody.Parameters {
    /// All that a query may have beside rows that are not JSON.
    var query: [String] { LabelledBody.rowParameters + texts + literals + options }

    fileprivate var options: [String] { optionTexts + optionLiterals }
}

extension JSONWriter {
    /// Writes a value of a query; what should be a literal and is none becomes a string, which is
    /// then refused with the member's name.
    mutating func setting(_ value: String, isText: Bool) {
        let literal = isText ? nil : try? JSONParser().parse(Array(value.utf8))
        if let literal, [.integer, .number, .bool].contains(literal.kind) {
            copy(literal)
        } else {
            string(value)
        }
    }
}
