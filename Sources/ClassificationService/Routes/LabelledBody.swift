internal import Examples
internal import JSON

/// The body of a request that brings labelled rows: JSON with `examples` and settings beside them, or
/// rows alone in a text format, with the settings in the query.
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
    /// Nil for a JSON body.
    private let rows: [Example]?
    private let limits: Limits

    /// Reads a body; the rows of a text format are checked one by one.
    ///
    /// - Throws: what is wrong; each row that is, by its line.
    init(_ request: RequestCopy, _ parameters: Parameters, limits: Limits) throws(ServiceError) {
        self.limits = limits
        let format = try Self.format(of: request)
        if let format {
            let query = request.queryItems.filter { $0.name != "format" }
            settings = try Self.settings(query, parameters)
            rows = try Self.rows(request.body, format, limits)
        } else {
            rows = nil
            guard request.queryItems.isEmpty else {
                throw .invalidParameter(
                    "Beside a JSON body the query takes nothing: settings are its members."
                )
            }
            do throws(JSONError) { settings = try JSONParser().parse(request.body) } catch {
                throw .invalidJSON(error.description)
            }
            guard settings.kind == .object else {
                throw .invalid("", "The body must be an object with \"examples\".")
            }
        }
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
        guard let rows else {
            return member.map {
                ExampleRows(limits).read($0, "examples", count: count, &errors)
            }
        }
        if rows.count < count.lowerBound {
            errors.add("", "There must be at least \(count.lowerBound) rows.")
        }
        return rows
    }

    /// The format of the rows, by `format` in the query or by `Content-Type`; nil for JSON.
    private static func format(of request: RequestCopy) throws(ServiceError) -> ExampleFormat? {
        let named = request.queryItems.first { $0.name == "format" }?.value
        if let named {
            guard let format = ExampleFormat(rawValue: named) else {
                throw .invalidParameter("\"format\" must be csv, tsv, jsonl or fasttext.")
            }
            // A page of another site can send the types that need no format to be told from ours.
            guard case .rows = request.content else {
                guard !request.isFromWebPage else { throw .unsupportedMediaType(expected: types) }
                return format
            }
            return format
        }
        switch request.content {
        case .json: return nil
        case .rows(let format): return format
        case .plainText, .other: throw .unsupportedMediaType(expected: types)
        }
    }

    private static let types =
        "application/json, text/csv, text/tab-separated-values, application/jsonl or "
        + "text/x-fasttext (or name the format of the rows in the query, as in ?format=csv)"

    private static func rows(
        _ body: [UInt8],
        _ format: ExampleFormat,
        _ limits: Limits
    ) throws(ServiceError) -> [Example] {
        do throws(RowErrors) {
            return try ExampleReader.read(
                body,
                format: format,
                rules: limits.exampleRules,
                rowLimit: limits.examples,
                errorLimit: Limits.namedErrors
            ).examples
        } catch {
            throw .invalidRequest(
                error.first.map { row in
                    let what = row.field.map { "the \($0) \(row.detail)" } ?? row.detail
                    return FieldError(
                        pointer: "",
                        detail: "Line \(row.line): \(what).",
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
        let names = parameters.names
        for (index, item) in query.enumerated() {
            guard names.contains(item.name) else {
                let known = (["format"] + names).joined(separator: ", ")
                throw .invalidParameter("With rows in this format the query takes \(known).")
            }
            guard !query[..<index].contains(where: { $0.name == item.name }) else {
                throw .invalidParameter("\"\(item.name)\" stands twice in the query.")
            }
        }
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
    fileprivate var options: [String] { optionTexts + optionLiterals }
    fileprivate var names: [String] { texts + literals + options }
}

extension JSONWriter {
    /// Writes a value of a query; what should be a literal and is none becomes a string, which is
    /// then refused with the member's name.
    fileprivate mutating func setting(_ value: String, isText: Bool) {
        let literal = isText ? nil : try? JSONParser().parse(Array(value.utf8))
        if let literal, [.integer, .number, .bool].contains(literal.kind) {
            copy(literal)
        } else {
            string(value)
        }
    }
}
