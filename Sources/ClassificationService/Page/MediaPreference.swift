/// What an `Accept` field wants of what there is (RFC 9110, 12.5.1).
enum MediaPreference {
    /// Whether it names HTML and wants it at least as much as JSON.
    ///
    /// `*/*` alone is no wish for a page: programs send it.
    static func wantsPage(_ field: String) -> Bool {
        var page = 0.0
        var json = 0.0
        for range in field.split(separator: ",") {
            let parts = range.split(separator: ";").map { trimmed($0).lowercased() }
            let quality =
                parts.dropFirst().first { $0.hasPrefix("q=") }
                .map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            switch parts.first {
            case "text/html", "application/xhtml+xml": page = max(page, quality)
            case "application/json", "application/*": json = max(json, quality)
            default: continue
            }
        }
        return page > 0 && page >= json
    }
}
