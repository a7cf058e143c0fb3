/// What the first row of a table is.
enum TableStart {
    /// It names the columns; the positions of label and text, and the names.
    case header(label: Int, text: Int, ColumnNames)
    /// It is a row already, or so it seems: the whole table may show that it is a header with
    /// unknown names. That is then refused with the suspicion.
    case row(label: Int, text: Int, suspicion: TableStatistics.Suspicion?)
    /// The table cannot be read; a sentence without a full stop.
    case refused(String)

    /// Judges a first row.
    ///
    /// - Parameters:
    ///   - record: the row.
    ///   - columns: how many columns most rows of the table have.
    ///   - options: what was said about columns and header.
    init(of record: Record, columns: Int, _ options: ColumnOptions) {
        var record = record
        record.dropTrailingEmptyFields()
        let names = ColumnNames(record.fields.indices.map(record.string))
        if options.hasHeader == false {
            self = Self.withoutHeader(names, options)
            return
        }
        switch names.choose(options) {
        case .both(let label, let text) where options.hasOnlyNumbers && options.hasHeader == nil:
            self = Self.numbered(label, text, names, options)
        case .both(let label, let text): self = .header(label: label, text: text, names)
        case .refused(let problem): self = .refused(problem)
        case .partial(let label, let text)
        where options.saysMoreThanSeparators || !names.isWeak(label ?? text):
            self = Self.withOneColumn(label, text, names, columns: columns, options)
        case .partial, .unknown: self = Self.withoutNames(names, columns: columns, options)
        }
    }

    private static func withoutHeader(_ names: ColumnNames, _ options: ColumnOptions) -> TableStart
    {
        func position(_ wanted: String?, _ otherwise: Int) -> Int? {
            guard let wanted else { return otherwise }
            return Int(wanted).flatMap { $0 >= 1 && $0 <= 10_000 ? $0 - 1 : nil }
        }
        // With two columns, one that is named leaves the other.
        let label = position(options.label, options.text == "1" ? 1 : 0)
        let text = position(options.text, options.label == "2" ? 0 : 1)
        guard let label, let text else {
            return .refused("without a header, a column is named by its number from 1")
        }
        guard label != text else { return .refused("label and text cannot be in the same column") }
        guard names.names.count <= 2 || options.label != nil || options.text != nil else {
            return .refused(manyColumns(names, options))
        }
        return .row(label: label, text: text, suspicion: nil)
    }

    /// Numbers say nothing of a header; the names that stand in these columns may.
    private static func numbered(
        _ label: Int,
        _ text: Int,
        _ names: ColumnNames,
        _ options: ColumnOptions
    ) -> TableStart {
        guard case .unknown = names.choose(ColumnOptions()) else {
            return .header(label: label, text: text, names)
        }
        let chosen = ColumnNames([names.names[label], names.names[text]])
        return .row(label: label, text: text, suspicion: suspicion(chosen, options))
    }

    private static func withOneColumn(
        _ label: Int?,
        _ text: Int?,
        _ names: ColumnNames,
        columns: Int,
        _ options: ColumnOptions
    ) -> TableStart {
        let other = names.names.count == 2 ? 1 - (label ?? text ?? 0) : nil
        if let other, options.hasOnlyNumbers, options.hasHeader == nil {
            return numbered(label ?? other, text ?? other, names, options)
        }
        let isNamed = options.label != nil || options.text != nil
        if let other, isNamed || options.hasHeader == true {
            return .header(label: label ?? other, text: text ?? other, names)
        }
        let missing = label == nil ? "label" : "text"
        let known = label == nil ? ColumnNames.someLabelNames : ColumnNames.someTextNames
        let wayOut = options.option(missing, other.map { names.names[$0] } ?? "NAME")
        let problem =
            "the header (\(names.list)) has no column for the \(missing), such as \(known); "
            + "name it with \(wayOut), or say \(options.headerOption("no")) if the line is a row"
        guard names.names.count == 2, options.hasHeader == nil else { return .refused(problem) }
        let suspicion = TableStatistics.Suspicion(problem: problem, isStrong: true)
        return .row(label: 0, text: 1, suspicion: names.lookLikeNames ? suspicion : nil)
    }

    private static func withoutNames(
        _ names: ColumnNames,
        columns: Int,
        _ options: ColumnOptions
    ) -> TableStart {
        if options.hasHeader == true {
            guard names.names.count == 2 else { return .refused(manyColumns(names, options)) }
            return .header(label: 0, text: 1, names)
        }
        if columns > 2, names.names.count > 2 { return .refused(manyColumns(names, options)) }
        return .row(label: 0, text: 1, suspicion: suspicion(names, options))
    }

    private static func manyColumns(_ names: ColumnNames, _ options: ColumnOptions) -> String {
        let found =
            options.hasHeader == false || !names.lookLikeNames
            ? "the rows have \(names.names.count) columns"
            : "the first line (\(names.list)) names no column that is known"
        return "\(found); say which hold label and text, as in \(options.option("label", "1")) and "
            + "\(options.option("text", "2")), by name or by number"
    }

    /// Why the row may be a header, if its fields look like names of columns.
    private static func suspicion(
        _ names: ColumnNames,
        _ options: ColumnOptions
    ) -> TableStatistics.Suspicion? {
        guard names.names.count == 2, names.lookLikeNames else { return nil }
        let (yes, no) = (options.headerOption("yes"), options.headerOption("no"))
        return TableStatistics.Suspicion(
            problem:
                "the first line (\(names.list)) looks like a header with unknown names, because "
                + "its label never returns while others repeat; say \(yes) (with "
                + "\(options.option("label", "NAME")) if the label is not first) or \(no)",
            isStrong: false
        )
    }
}

extension ColumnOptions {
    /// Whether something is said of columns or header.
    fileprivate var saysMoreThanSeparators: Bool {
        label != nil || text != nil || hasHeader != nil
    }

    /// Whether columns are given, all by their numbers.
    fileprivate var hasOnlyNumbers: Bool {
        let given = [label, text].compactMap { $0 }
        return !given.isEmpty && given.allSatisfy { Int($0) != nil }
    }
}

extension ColumnNames {
    /// Whether the name means a column only beside another one: a label may be called `x`.
    fileprivate func isWeak(_ index: Int?) -> Bool {
        index.map { ["x", "y", "v1", "v2"].contains(names[$0].lowercased()) } ?? true
    }

    /// Whether all look like names of columns: up to three words of letters, digits and `_`, with a
    /// letter first.
    var lookLikeNames: Bool {
        names.allSatisfy { name in
            let words = name.split(separator: " ")
            return (1...3).contains(words.count) && name.first?.isLetter == true
                && words.allSatisfy { word in
                    word.allSatisfy { $0.isLetter || $0.isNumber || "_-".contains($0) }
                }
        }
    }
}
