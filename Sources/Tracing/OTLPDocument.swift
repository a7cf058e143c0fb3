internal import JSON

/// Spans in the JSON form of OTLP 1, as collectors take it at `/v1/traces`.
enum OTLPDocument {
    /// Writes one request.
    ///
    /// - Parameters:
    ///   - spans: what was done.
    ///   - resource: what the process is.
    ///   - version: the version of the program.
    /// - Returns: the document.
    static func bytes(
        _ spans: [Span],
        resource: [(name: String, value: String)],
        version: String
    ) -> [UInt8] {
        var json = JSONWriter(capacity: 512 * (spans.count + 1))
        json.beginObject()
        json.member("resourceSpans", objects: [()]) { _, json in
            json.key("resource")
            json.beginObject()
            let all = resource + [("service.version", version)]
            write(all.map { ($0.name, .text($0.value)) }, &json)
            json.endObject()
            json.member("scopeSpans", objects: [()]) { _, json in
                json.key("scope")
                json.beginObject()
                json.member("name", string: "elman")
                json.member("version", string: version)
                json.endObject()
                json.member("spans", objects: spans) { write($0, &$1) }
            }
        }
        json.endObject()
        return json.finish()
    }

    /// Numbers of 64 bits are texts in this form, and identifiers are hexadecimal.
    private static func write(_ span: Span, _ json: inout JSONWriter) {
        json.member("traceId", string: span.context.trace.text)
        json.member("spanId", string: span.context.span.hexadecimal)
        if let parent = span.parent { json.member("parentSpanId", string: parent.hexadecimal) }
        if !span.state.isEmpty { json.member("traceState", string: span.state) }
        json.member("flags", int: 1)
        json.member("name", string: span.name)
        json.member("kind", int: span.kind.rawValue)
        json.member("startTimeUnixNano", string: "\(span.start)")
        json.member("endTimeUnixNano", string: "\(span.end)")
        write(span.attributes, &json)
        json.key("status")
        json.beginObject()
        if span.isError { json.member("code", int: 2) }
        json.endObject()
    }

    private static func write(
        _ attributes: [(name: String, value: Span.Value)],
        _ json: inout JSONWriter
    ) {
        json.member("attributes", objects: attributes) { attribute, json in
            json.member("key", string: attribute.name)
            json.key("value")
            json.beginObject()
            switch attribute.value {
            case .text(let text): json.member("stringValue", string: text)
            case .number(let number): json.member("intValue", string: "\(number)")
            }
            json.endObject()
        }
    }
}
