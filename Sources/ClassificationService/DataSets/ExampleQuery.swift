internal import Examples
internal import Store
internal import TextForm

/// Which rows of a data set are asked for, and in which form.
struct ExampleQuery {
    var version: Int?
    /// A label, or what stands for none of them.
    var label: String?
    var source: ExampleSource?
    var limit = 100
    var after = 0
    /// The format of an export of all rows; nil for a page in JSON.
    var format: ExampleFormat?

    static let parameters = ["label", "out_of_scope", "source", "limit", "after", "format"]

    /// Reads query and `Accept`.
    init(_ request: RequestCopy) throws(ServiceError) {
        var isJSON = false
        for (name, value) in request.queryItems {
            switch name {
            case "label":
                do throws(TextFormError) { label = try LabelRule().label(value) } catch {
                    throw .invalidParameter("\"label\" \(error).")
                }
            case "out_of_scope":
                guard value == "true" else {
                    throw .invalidParameter(
                        "\"out_of_scope\" must be true: it asks for texts whose label is null."
                    )
                }
                label = LabelSet.outOfScope
            case "source":
                source = ExampleSource(rawValue: value)
                guard source != nil else {
                    throw .invalidParameter("\"source\" must be train, feedback or import.")
                }
            case "limit":
                guard let number = pathNumber(value), number <= 1000
                else { throw .invalidParameter("\"limit\" must be a number from 1 to 1000.") }
                limit = number
            case "after":
                guard let number = pathNumber(value) else {
                    throw .invalidParameter("\"after\" must be the id of an example.")
                }
                after = number
            default:
                isJSON = value == "json"
                format = ExampleFormat(rawValue: value)
                guard isJSON || format.map(ExampleWriter.formats.contains) ?? false else {
                    throw .invalidParameter("\"format\" must be json, csv, tsv or jsonl.")
                }
            }
        }
        let names = Set(request.queryItems.map(\.name))
        guard !names.isSuperset(of: ["label", "out_of_scope"]) else {
            throw .invalidParameter(
                "\"label\" and \"out_of_scope\" ask for different rows; send one of them."
            )
        }
        if format == nil && !isJSON { format = request.accept.flatMap(Self.format) }
        let isPaged = request.queryItems.contains { ["limit", "after"].contains($0.name) }
        guard format == nil || !isPaged else {
            throw .invalidParameter(
                "\"limit\" and \"after\" are for pages in JSON; in another format come all rows."
            )
        }
    }

    /// The format that an `Accept` field prefers; nil for JSON, also if it names nothing that is
    /// there.
    static func format(accepted field: String) -> ExampleFormat? {
        var best: (format: ExampleFormat?, quality: Double) = (nil, 0)
        for range in field.split(separator: ",") {
            let parts = range.split(separator: ";").map { trimmed($0).lowercased() }
            let quality =
                parts.dropFirst().first { $0.hasPrefix("q=") }
                .map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            let format: ExampleFormat?
            switch parts.first {
            case "application/json", "application/*", "*/*": format = nil
            case "text/csv", "text/*": format = .csv
            case "text/tab-separated-values": format = .tsv
            case "application/jsonl", "application/x-ndjson", "application/ndjson":
                format = .jsonLines
            default: continue
            }
            if quality > best.quality { best = (format, quality) }
        }
        return best.format
    }
}

extension ExampleFormat {
    /// The media type of an export.
    var exportType: String {
        switch self {
        case .csv: "text/csv; charset=utf-8; header=present"
        case .tsv: "text/tab-separated-values; charset=utf-8"
        case .jsonLines: "application/jsonl"
        case .fastText: "text/x-fasttext; charset=utf-8"
        }
    }
}
