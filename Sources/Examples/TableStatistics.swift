/// What the columns of a table look like: whether the first row is one, and whether labels and
/// texts stand where they are looked for.
///
/// The first rows show it; of all others only counts whether the first label returns.
struct TableStatistics {
    /// Why the first row may be a header; nil if it cannot be one.
    var suspicion: Suspicion?

    /// A sentence, and how much it takes to believe it.
    struct Suspicion {
        let problem: String
        /// Whether one of the fields is a known name, so that a label that never returns is enough.
        let isStrong: Bool
    }

    private var rowCount = 0
    /// How often each label stands there, by its hash.
    private var labels: [Int: Int] = [:]
    private var texts: Set<Int> = []
    private var labelBytes = 0
    private var textBytes = 0
    /// The blanks in all texts, and in that of the first row.
    private var blanks = (all: 0, first: 0)
    /// The size of the first row's text.
    private var firstBytes = 0
    private var first = (label: 0, text: 0)
    /// How often the first row stands there: a header with unknown names returns in joined files.
    private var firstCount = 0
    /// How often its text stands there.
    private var firstTextCount = 0

    private static let sampleRows = 2000

    /// Counts a row.
    mutating func add(label: UnsafeBufferPointer<UInt8>, text: UnsafeBufferPointer<UInt8>) {
        let label = label.trimmed
        guard rowCount < Self.sampleRows else {
            // A repeated header is no row.
            if suspicion != nil, Self.hash(label) == first.label, Self.hash(text) != first.text {
                suspicion = nil
            }
            return
        }
        let key = (label: Self.hash(label), text: Self.hash(text))
        let blankCount = text.trimmed.count { $0 == 0x20 }
        blanks.all += blankCount
        if rowCount == 0 { (first, blanks.first, firstBytes) = (key, blankCount, text.count) }
        rowCount += 1
        if key == first { firstCount += 1 }
        if key.text == first.text { firstTextCount += 1 }
        labels[key.label, default: 0] += 1
        texts.insert(key.text)
        labelBytes += label.count
        textBytes += text.count
    }

    /// What is wrong with the table as a whole, with the way out; nil if nothing is.
    func problem(
        _ options: ColumnOptions,
        header: ColumnNames?,
        _ columns: (label: Int, text: Int)?
    ) -> String? {
        // Who names both columns knows them.
        let isTold = options.label != nil && options.text != nil
        if let columns, isSwapped, !isTold {
            func name(_ index: Int) -> String { header?.names[index] ?? "\(index + 1)" }
            return "the columns seem swapped: the one for the label has \(labels.count) values in "
                + "\(rowCount) rows, the one for the text has \(texts.count), which repeat; say "
                + "\(options.option("label", name(columns.text))) and "
                + options.option("text", name(columns.label))
        }
        return isHeaderLikely ? suspicion?.problem : nil
    }

    /// As many labels as rows, or nearly, while the texts repeat and are shorter.
    ///
    /// A first row that may be a header is left out. Two or three rows cannot tell.
    private var isSwapped: Bool {
        let header = suspicion != nil && firstTextCount == 1 ? 1 : 0
        let (rows, labels) = (rowCount - header, labels.count - header)
        let texts = texts.count - header
        return rows >= 4 && labels * 2 >= rows && labelBytes > textBytes
            && (texts * 3 <= labels || (labels == rows && texts * 2 <= rows))
    }

    /// The label of the first row never returns while those of most other rows do, and its text has
    /// fewer words than theirs: names of columns are short.
    private var isHeaderLikely: Bool {
        guard let suspicion, labels[first.label] == firstCount else { return false }
        if suspicion.isStrong { return true }
        let others = rowCount - firstCount
        guard others >= 3 else { return false }
        let repeated = labels.values.reduce(0) { $1 > 1 ? $0 + $1 : $0 }
        let share = Double(repeated - (firstCount > 1 ? firstCount : 0)) / Double(others)
        let words = 1 + Double(blanks.all - firstCount * blanks.first) / Double(others)
        if blanks.first > 0 { return blanks.first == 1 && share >= 0.8 && words >= 4 }
        // Without blanks between words, as in Chinese, the length tells.
        let bytes = Double(textBytes - firstCount * firstBytes) / Double(others)
        return share >= 0.6 && (words >= 1.5 || bytes >= 1.5 * Double(firstBytes))
    }

    private static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var hasher = Hasher()
        hasher.combine(bytes: UnsafeRawBufferPointer(bytes))
        return hasher.finalize()
    }
}
