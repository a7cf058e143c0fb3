public import DataDoctor
internal import Evaluation
internal import Examples
private import TextForm

/// What the data doctor found, as text for people; rows are counted from 1.
public struct DataReportText: CustomStringConvertible {
    private static let longestText = 60
    /// With more labels than this, only the largest and the smallest are shown.
    private static let shownLabels = 24

    private let report: DataReport

    /// Prepares the text of `report`.
    public init(_ report: DataReport) { self.report = report }

    /// The findings, each line ended.
    public var description: String {
        let sections = [
            labels, similarLabels, contradictions, suspects, duplicates, nearDuplicates, lengths,
            ngrams,
        ]
        return sections.filter { !$0.isEmpty }.map { $0.map { $0 + "\n" }.joined() }
            .joined(separator: "\n")
    }

    private var labels: [String] {
        let half = DataReportText.shownLabels / 2
        let isLong = report.labels.count > DataReportText.shownLabels
        let shown =
            isLong ? report.labels.prefix(half) + report.labels.suffix(half) : report.labels[...]
        var lines = ["\(report.rows) rows with \(report.labels.count) labels"]
        var table = TextTable.lines(shown.map { [$0.label, "\($0.rows)"] })
        if isLong { table.insert("…", at: half) }
        lines += table.map { "  " + $0 }
        if let rows = report.outOfScopeRows {
            lines.append("\(rows) of the rows are texts of none of these")
        }
        if report.imbalanceRatio >= DataReport.imbalance {
            lines.append(
                "imbalanced: the largest label has \(decimal(report.imbalanceRatio, digits: 1)) "
                    + "times as many rows as the smallest"
            )
        }
        if !report.rareLabels.isEmpty {
            let names = report.rareLabels.prefix(DataReport.listed).map(\.label)
            lines.append(
                "fewer than \(DataReport.fewRows) rows have: \(names.joined(separator: ", "))"
                    + (report.rareLabels.count > names.count ? ", …" : "")
            )
        }
        return lines
    }

    private var similarLabels: [String] {
        guard report.similarLabelSets > 0 else { return [] }
        let sets = report.similarLabelSets == 1 ? "1 set" : "\(report.similarLabelSets) sets"
        return ["\(sets) of labels that differ only by case, width, white space or form:"]
            + report.similarLabels.map { set in
                let labels = set.map { "\"\(Lookalike.spelledOut($0.label))\" (\($0.rows))" }
                return "  " + labels.joined(separator: ", ")
            }
    }

    private var contradictions: [String] {
        guard report.contradictoryTexts > 0 else { return ["no text has several labels"] }
        return ["\(report.contradictoryTexts) texts have several labels:"]
            + report.contradictions.map { text in
                let labels = text.labels.map { "\(LabelSet.shown($0.label)) (\($0.rows))" }
                return "  \(quoted(text.text)): \(labels.joined(separator: ", "))"
            }
    }

    private var suspects: [String] {
        guard report.suspectRows > 0 else { return ["no row seems to have the wrong label"] }
        return ["\(report.suspectRows) rows may have the wrong label:"]
            + report.suspects.map { suspect in
                "  row \(suspect.row + 1) \(quoted(suspect.text)): \(suspect.label) "
                    + "(\(percent(suspect.labelScore, digits: 1))), rather \(suspect.suggestion) "
                    + "(\(percent(suspect.suggestionScore, digits: 1)))"
            }
    }

    private var duplicates: [String] {
        guard report.duplicateRows > 0 else { return ["no row stands there twice"] }
        return ["\(report.duplicateRows) rows repeat an earlier one with the same label:"]
            + report.duplicates.map { text in
                "  \(quoted(text.text)): rows \(numbers(text.rows))"
            }
    }

    private var nearDuplicates: [String] {
        guard report.nearDuplicateRows > 0 else { return [] }
        return ["\(report.nearDuplicateRows) rows have nearly the words of an earlier one:"]
            + report.nearDuplicates.map { pair in
                let rows = "rows \(pair.first + 1) and \(pair.second + 1)"
                let labels = pair.hasSameLabel ? "" : ", different labels"
                return "  \(rows), \(percent(pair.similarity, digits: 1)) the same words\(labels): "
                    + "\(quoted(pair.firstText)), \(quoted(pair.secondText))"
            }
    }

    private var lengths: [String] {
        var lines: [String] = []
        if report.emptyTexts > 0 {
            lines.append(
                "\(report.emptyTexts) texts have no word: rows \(numbers(report.emptyRows))"
            )
        }
        if report.longTexts > 0 {
            lines.append(
                "\(report.longTexts) texts are so long that a recurrent network reads only their "
                    + "first and last words: rows " + numbers(report.longRows)
            )
        }
        if report.truncatedTexts > 0 {
            lines.append(
                "\(report.truncatedTexts) \(report.truncatedTexts == 1 ? "text" : "texts") "
                    + "truncated, being longer than a text may be: "
                    + "rows " + numbers(report.truncatedRows)
            )
        }
        return lines
    }

    private var ngrams: [String] {
        let rows = zip(report.labels, report.ngrams).filter { !$1.isEmpty }
            .prefix(DataReportText.shownLabels)
            .map { label, ngrams in
                [label.label, ngrams.map(\.ngram).joined(separator: " · ")]
            }
        guard !rows.isEmpty else { return [] }
        return ["what tells most of each label:"]
            + TextTable.lines(rows, leading: 2).map { line in
                "  " + String(line.reversed().drop { $0 == " " }.reversed())
            }
    }

    private func quoted(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        return line.count > DataReportText.longestText
            ? "\"\(line.prefix(DataReportText.longestText))…\"" : "\"\(line)\""
    }

    private func numbers(_ rows: [Int]) -> String {
        rows.prefix(DataReport.listed).map { "\($0 + 1)" }.joined(separator: ", ")
            + (rows.count >= DataReport.listed ? ", …" : "")
    }
}
