public import Evaluation
public import Examples
internal import Model
private import TextForm

/// Looks for what is wrong with labelled rows before anything is learnt from them.
///
/// - Complexity: linear in the number of rows, but for the model that suspects wrong labels, which
///   sees a bounded number of rows.
public struct DataDoctor {
    private let examples: [Example]
    private let texts: TokenizedTexts
    private let tokenizer: Tokenizer
    /// Most rows first, then by name.
    private let labels: [DataReport.LabelCount]
    /// By row: the indices of its labels, ascending; empty for a text of none of them.
    private let labelsOfRow: [[Int]]
    /// Whether texts may have several labels.
    private let hasSets: Bool

    /// Looks at `examples`.
    public init(_ examples: [Example]) { self.init(TokenizedRows(examples)) }

    /// Looks at rows that are split already, all or the first `count` of them.
    public init(_ rows: TokenizedRows, first count: Int? = nil) {
        examples = Array(rows.examples.prefix(count ?? rows.examples.count))
        texts = rows.texts
        tokenizer = texts.tokenizer
        hasSets = ExampleSet.hasSets(examples)
        let names =
            hasSets
            ? examples.map(\.labelSet.labels)
            : examples.map { $0.isOutOfScope ? [] : [$0.label] }
        labels = DataDoctor.counted(names.joined())
        let indices = Dictionary(uniqueKeysWithValues: zip(labels.map(\.label), labels.indices))
        labelsOfRow = names.map { $0.compactMap { indices[$0] }.sorted() }
    }

    /// Examines the rows.
    ///
    /// - Parameter threads: how many threads look for wrong labels; the report is the same.
    /// - Returns: What was found.
    public func report(threads: Int) -> DataReport {
        var report = DataReport()
        report.rows = examples.count
        report.labels = labels
        addSimilarLabels(to: &report)
        let groups = rowsByText()
        addRepetitions(groups, to: &report)
        addNearDuplicates(groups, to: &report)
        addLengths(to: &report)
        report.unlabelledRows = hasSets ? labelsOfRow.count(where: \.isEmpty) : nil
        let outOfScope = hasSets ? 0 : examples.count(where: \.isOutOfScope)
        report.outOfScopeRows = outOfScope > 0 ? outOfScope : nil
        // The model behind it gives one label.
        let suspects = hasSets ? [] : suspects(threads: threads)
        report.suspectRows = suspects.count
        report.suspects = suspects.prefix(DataReport.listed).map { suspect in
            DataReport.Suspect(
                row: suspect.row,
                text: examples[suspect.row].text,
                label: examples[suspect.row].label,
                suggestion: labels[suspect.suggestion].label,
                labelScore: suspect.labelScore,
                suggestionScore: suspect.suggestionScore
            )
        }
        report.ngrams =
            NGramBinding(texts: texts, labels: labelsOfRow, classCount: labels.count)
            .ngrams
        return report
    }

    /// Rows with a label that seems wrong; texts of none of the labels have no part in it.
    private func suspects(threads: Int) -> [Suspicion.Suspect] {
        let rows = examples.indices.filter { !labelsOfRow[$0].isEmpty }
        let isAll = rows.count == examples.count
        return Suspicion(
            texts: isAll ? texts : TokenizedTexts(joining: [(texts, rows)]),
            labels: rows.map { labelsOfRow[$0][0] },
            classCount: labels.count,
            threads: threads
        ).suspects.map { suspect in
            Suspicion.Suspect(
                row: rows[suspect.row],
                suggestion: suspect.suggestion,
                labelScore: suspect.labelScore,
                suggestionScore: suspect.suggestionScore
            )
        }
    }

    /// The rows of each different text, in order of first appearance.
    private func rowsByText() -> [[Int]] {
        var groups: [[Int]] = []
        var groupOfText: [ArraySlice<Int32>: Int] = [:]
        for row in examples.indices {
            if let group = groupOfText[texts[row]] {
                groups[group].append(row)
            } else {
                groupOfText[texts[row]] = groups.count
                groups.append([row])
            }
        }
        return groups
    }

    private func addSimilarLabels(to report: inout DataReport) {
        let sets = Dictionary(grouping: labels) { Lookalike.key(of: $0.label) }.values
            .filter { $0.count > 1 }
            .sorted { ($0[0].rows, $1[0].label) > ($1[0].rows, $0[0].label) }
        report.similarLabelSets = sets.count
        report.similarLabels = Array(sets.prefix(DataReport.listed))
    }

    private func addRepetitions(_ groups: [[Int]], to report: inout DataReport) {
        for rows in groups where rows.count > 1 {
            let counts = DataDoctor.counted(rows.map { examples[$0].label })
            let text = DataReport.SameText(
                text: examples[rows[0]].text,
                rows: Array(rows.prefix(DataReport.listed)),
                labels: counts
            )
            report.duplicateRows += rows.count - counts.count
            if counts.count > 1 {
                report.contradictoryTexts += 1
                if report.contradictions.count < DataReport.listed {
                    report.contradictions.append(text)
                }
            } else if report.duplicates.count < DataReport.listed {
                report.duplicates.append(text)
            }
        }
    }

    private func addNearDuplicates(_ groups: [[Int]], to report: inout DataReport) {
        let pairs = NearDuplicates(texts: texts, rows: groups.map { $0[0] }).pairs
        report.nearDuplicateRows = Set(pairs.map(\.second)).count
        report.nearDuplicates = pairs.prefix(DataReport.listed).map { pair in
            DataReport.NearDuplicate(
                first: pair.first,
                second: pair.second,
                firstText: examples[pair.first].text,
                secondText: examples[pair.second].text,
                similarity: pair.similarity,
                hasSameLabel: labelsOfRow[pair.first] == labelsOfRow[pair.second]
            )
        }
    }

    private func addLengths(to report: inout DataReport) {
        for row in examples.indices {
            if examples[row].isTruncated {
                report.truncatedTexts += 1
                if report.truncatedRows.count < DataReport.listed {
                    report.truncatedRows.append(row)
                }
            }
            let tokens = texts[row]
            if texts.words[Int(tokens[tokens.startIndex])].isEmpty {
                report.emptyTexts += 1
                if report.emptyRows.count < DataReport.listed { report.emptyRows.append(row) }
            } else if tokens.count > tokenizer.maximumTokens {
                report.longTexts += 1
                if report.longRows.count < DataReport.listed { report.longRows.append(row) }
            }
        }
    }

    /// How often each label occurs: most rows first, then by name.
    private static func counted(_ labels: some Sequence<String>) -> [DataReport.LabelCount] {
        var counts: [String: Int] = [:]
        for label in labels { counts[label, default: 0] += 1 }
        return counts.map { DataReport.LabelCount(label: $0.key, rows: $0.value) }
            .sorted { ($0.rows, $1.label) > ($1.rows, $0.label) }
    }
}
