internal import Examples
internal import JSON
internal import Memory

/// The body of a request that brings labelled rows: JSON with `examples` and settings beside them,
/// or rows alone in a text format, with the settings in the query.
struct LabelledBody {
    /// What a query may have beside rows that are not JSON.
    struct Parameters {
        var settings: [String] = []
        /// The members of `options`.
        var options: [String] = []
    }

    /// Bytes of memory that rows take, on their way to the store too, beside a body that is kept;
    /// what JSON takes is counted where it is parsed, but for a body of lines, which may be one.
    private static func bytesNeeded(_ body: [UInt8], _ format: ExampleFormat?) -> Int {
        let lines =
            format == .jsonLines ? body.withUnsafeBytes(JSONParser.bytesNeeded(toParse:)) : 0
        return 3 * body.count + lines
    }

    /// The settings, without the rows.
    let settings: [(name: String, value: Setting)]
    /// What was passed over in rows of a text format.
    private(set) var notes: [String] = []
    /// The rows of a text format.
    private let rows: [Example]?
    /// The rows of a JSON body: all of it, or its member `examples`.
    private let json: (rows: JSONValue, member: String?)?
    private let columns: ColumnOptions
    private let limits: Limits
    private let rest: String?
    /// What the rows take, and the body of a text format while it is read.
    private let taken: MemoryReservation?

    /// Reads a body; the rows of a text format are checked one by one.
    ///
    /// - Throws: what is wrong; each row that is, by its line.
    init(_ request: RequestCopy, _ parameters: Parameters, limits: Limits) throws(ServiceError) {
        self.limits = limits
        rest = request.operation.body.rest
        let query = request.queryItems.filter { !Self.rowParameters.contains($0.name) }
        columns = try Self.columns(request.queryItems)
        let format = try Self.format(of: request)
        taken = try request.memory.take(Self.bytesNeeded(request.body, format), for: .work)
        if let format {
            settings = Self.settings(query, parameters)
            let file = try Self.rows(request, format, columns, limits)
            (rows, notes) = (file.examples, file.notes)
            json = nil
            return
        }
        rows = nil
        guard columns.hasHeader == nil else {
            throw .invalidParameter("Only CSV and TSV have a header; \"header\" does not fit JSON.")
        }
        let body = try Self.parse(request)
        if body.kind == .array {
            json = (body, nil)
            settings = Self.settings(query, parameters)
            return
        }
        json = body["examples"].map { ($0, "examples") }
        settings = body.members.filter { $0.key != "examples" }.map { ($0.key, .json($0.value)) }
        guard query.isEmpty else {
            throw .invalidParameter(
                "Beside a JSON object the query takes nothing but label_column, text_column and "
                    + "none_label: settings are its members."
            )
        }
        guard body.kind == .object else {
            throw .invalid("", "The body must be an object with \"examples\", or an array of rows.")
        }
    }

    /// Parses a body; a byte-order mark may stand before an array, which comes from a file.
    private static func parse(_ request: RequestCopy) throws(ServiceError) -> JSONValue {
        let body = request.body
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let isFile = body.starts(with: mark) && body.dropFirst(3).first == UInt8(ascii: "[")
        return try request.memory.parse(isFile ? Array(body.dropFirst(3)) : body)
    }

    /// The rows.
    ///
    /// - Parameters:
    ///   - count: how many there may be.
    ///   - errors: gets what is wrong; not all of it if there is much.
    /// - Returns: nil if there are none to be read; without meaning when something is wrong.
    func examples(
        count: ClosedRange<Int>,
        _ errors: inout FieldErrors
    ) -> [Example]? {
        if let rows {
            if rows.count < count.lowerBound {
                errors.add("", "There must be at least \(count.lowerBound) rows.")
            }
            return rows
        }
        let reader = ExampleRows(limits, columns, rest: rest)
        return json.map { reader.read($0.rows, $0.member, count: count, &errors) }
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
    static let rowParameters = [
        "format", "label_column", "text_column", "header", "label_separator", "none_label",
    ]

    private static func columns(
        _ query: [(name: String, value: String)]
    ) throws(ServiceError) -> ColumnOptions {
        var columns = ColumnOptions()
        for (name, value) in query {
            switch name {
            case "label_column": columns.label = value
            case "text_column": columns.text = value
            case "label_separator":
                guard !value.isEmpty else {
                    throw .invalidParameter("\"label_separator\" must not be empty.")
                }
                columns.labelSeparator = value
            case "none_label": columns.outOfScope = OutOfScopeLabel(value)
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
                rowLimitHint: [request.operation.body.rest, "or raise --max-examples"]
                    .compactMap(\.self).joined(separator: ", "),
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

    /// The settings in a query, its options put together as in a JSON body.
    private static func settings(
        _ query: [(name: String, value: String)],
        _ parameters: Parameters
    ) -> [(name: String, value: Setting)] {
        var settings: [(name: String, value: Setting)] = []
        var options: [(name: String, value: Setting)] = []
        for (name, value) in query {
            if parameters.options.contains(name) {
                options.append((name, .query(value)))
            } else {
                settings.append((name, .query(value)))
            }
        }
        return options.isEmpty ? settings : settings + [("options", .group(options))]
    }
}

extension LabelledBody.Parameters {
    /// All that a query may have beside rows that are not JSON.
    var query: [String] { LabelledBody.rowParameters + settings + options }
}
