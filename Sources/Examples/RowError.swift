/// What is wrong with one row of a file.
public struct RowError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file's name, or nil for bytes without one.
    public let source: String?
    /// The row's first line, from 1.
    public let line: Int
    /// The field that is at fault ("label", "text"), if it is one.
    public let field: String?
    /// What is wrong and, where it is not plain, what to do; without a full stop.
    public let detail: String

    /// Makes an error.
    public init(source: String?, line: Int, field: String? = nil, detail: String) {
        self.source = source
        self.line = line
        self.field = field
        self.detail = detail
    }

    /// The sentence without its place and full stop.
    public var problem: String { field.map { "the \($0) \(detail)" } ?? detail }

    /// Place, sentence and full stop: `reviews.csv:17: the label is empty.`.
    public var description: String {
        let place = source.map { "\($0):\(line)" } ?? "line \(line)"
        return "\(place): \(problem)."
    }
}

/// Everything that is wrong with a file: the first rows in full, the number of all.
public struct RowErrors: Error, Equatable, Sendable, CustomStringConvertible {
    /// The first errors, in the order of the file; at least one.
    public let first: [RowError]
    /// How many errors there are in all.
    public let count: Int

    /// Makes the list.
    ///
    /// - Precondition: `first` is not empty, and `count` is at least its size.
    public init(first: [RowError], count: Int) {
        precondition(!first.isEmpty && count >= first.count, "no errors, or fewer than listed")
        self.first = first
        self.count = count
    }

    /// One error a line, and a last line that counts those that are not listed.
    public var description: String {
        var lines = first.map(\.description)
        if count > first.count { lines.append("… and \(count - first.count) more rows.") }
        return lines.joined(separator: "\n")
    }
}
