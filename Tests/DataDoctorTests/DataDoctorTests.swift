import DataDoctor
import Examples
import JSON
import Report
import TestClassifiers
import Testing

@Suite struct DataDoctorTests {
    private func report(_ rows: [(label: String, text: String)], threads: Int = 1) -> DataReport {
        DataDoctor(rows.map { Example(label: $0.label, text: $0.text) }).report(threads: threads)
    }

    @Test("counts labels, most rows first, and names the rare ones and the imbalance")
    func labels() {
        let rows = (0..<40).map {
            (label: $0 < 30 ? "many" : $0 < 38 ? "some" : "few", text: "t \($0)")
        }
        let report = report(rows)
        #expect(report.labels.map(\.label) == ["many", "some", "few"])
        #expect(report.labels.map(\.rows) == [30, 8, 2])
        #expect(report.rareLabels.map(\.label) == ["few"])
        #expect(report.imbalanceRatio == 15)
    }

    @Test(
        "lists labels that differ only by case, width, white space or form",
        arguments: [
            ("Billing", "billing"), ("STRASSE", "Straße"), ("\u{FF22}illing", "Billing"),
            ("card arrival", "card\u{A0}arrival"), ("card arrival", "card  arrival"),
            ("card arrival", "cardarrival"), ("bill\u{200B}ing", "billing"),
            ("\u{FB01}nance", "finance"), ("ｶﾞ", "ガ"), ("soft\u{AD}ware", "software"),
            ("ΣΟΦΟΣ", "σοφος"),
        ]
    )
    func similarLabels(first: String, second: String) {
        let rows = [(first, "x"), (first, "y"), (second, "z"), ("other", "w"), ("another", "v")]
        let report = report(rows.map { (label: $0.0, text: $0.1) })
        #expect(report.similarLabelSets == 1)
        #expect(report.similarLabels.map { $0.map(\.rows) } == [[2, 1]])
        let text = DataReportText(report).description
        #expect(
            text.contains("1 set of labels that differ only by case, width, white space or form:")
        )
    }

    @Test(
        "other labels are none of these",
        arguments: [
            ("card_arrival", "card arrival"), ("a", "ä"), ("c", "c++"), ("refund", "refunds"),
        ]
    )
    func differentLabels(first: String, second: String) {
        #expect(report([(first, "x"), (second, "y")]).similarLabelSets == 0)
    }

    @Test("spells out what cannot be seen in a label")
    func spelledOut() {
        let report = report([("a\u{A0}b", "x"), ("a b", "y"), ("a b", "z")])
        let text = DataReportText(report).description
        #expect(text.contains("  \"a b\" (2), \"a<U+00A0>b\" (1)\n"))
    }

    @Test("tells repeated rows from texts with several labels")
    func repetitions() {
        let report = report([
            ("a", "Hello World"), ("a", " hello  world"), ("b", "other text"), ("a", "other TEXT"),
            ("b", "other text"), ("b", "single"),
        ])
        #expect(report.duplicateRows == 2)
        #expect(report.duplicates.map(\.rows) == [[0, 1]])
        #expect(report.contradictoryTexts == 1)
        #expect(report.contradictions.map(\.text) == ["other text"])
        #expect(report.contradictions[0].rows == [2, 3, 4])
        #expect(report.contradictions[0].labels.map(\.label) == ["b", "a"])
        #expect(report.contradictions[0].labels.map(\.rows) == [2, 1])
    }

    @Test("finds texts with nearly the same words, and no others")
    func nearDuplicates() {
        let words = (0..<12).map { "word\($0)" }
        var rows = (0..<300).map { row in
            (label: "\(row % 2)", text: (0..<8).map { "w\(row * 8 + $0)" }.joined(separator: " "))
        }
        rows.append(("0", words.joined(separator: " ")))
        // One of 13 different words is not in both; the order does not count.
        rows.append(("1", (words.reversed() + ["more"]).joined(separator: " ")))
        // Half of the words are shared.
        rows.append(("1", (words.prefix(8) + ["p", "q", "r", "s"]).joined(separator: " ")))
        let report = report(rows)
        #expect(report.nearDuplicateRows == 1)
        #expect(report.nearDuplicates.map(\.first) == [300])
        #expect(report.nearDuplicates.map(\.second) == [301])
        #expect(report.nearDuplicates.map(\.similarity) == [0.923077])
        #expect(report.nearDuplicates.map(\.hasSameLabel) == [false])
    }

    @Test("counts texts that lost their end")
    func truncated() {
        let rows = [
            Example(label: "a", text: "the start", isTruncated: true),
            Example(label: "b", text: "whole"),
        ]
        let report = DataDoctor(rows).report(threads: 1)
        #expect(report.truncatedTexts == 1 && report.truncatedRows == [0])
        #expect(DataReportText(report).description.contains("1 text truncated"))
    }

    @Test("names texts without words and texts that are not read whole")
    func lengths() {
        let long = (0..<200).map { "w\($0)" }.joined(separator: " ")
        let exact = (0..<160).map { "w\($0)" }.joined(separator: " ")
        let report = report([("a", " \u{7}"), ("b", long), ("a", exact), ("b", "short")])
        #expect(report.emptyTexts == 1 && report.emptyRows == [0])
        #expect(report.longTexts == 1 && report.longRows == [1])
    }

    @Test("suspects rows whose label was changed, and few others, on any number of threads")
    func mislabelled() {
        var examples = SyntheticTexts(400).examples
        // Two more words of the topic, so that a model can be sure.
        for row in examples.indices {
            let topic = examples[row].label.suffix(1)
            examples[row] = Example(
                label: examples[row].label,
                text: examples[row].text + " about\(topic) of\(topic)"
            )
        }
        let changed = [7, 90, 201, 333]
        for row in changed {
            examples[row] = Example(
                label: examples[row].label == "label 0" ? "label 1" : "label 0",
                text: examples[row].text
            )
        }
        let report = DataDoctor(examples).report(threads: 1)
        #expect(Set(changed).isSubset(of: report.suspects.map(\.row)))
        #expect(report.suspectRows <= 6)
        for suspect in report.suspects where changed.contains(suspect.row) {
            #expect(suspect.suggestion != suspect.label)
            #expect(suspect.suggestionScore >= 20 * suspect.labelScore)
        }
        #expect(DataDoctor(examples).report(threads: 2) == report)
    }

    @Test("lists the words that tell of a label, without punctuation")
    func ngrams() throws {
        let rows = (0..<60).map { row in
            row % 2 == 0
                ? (label: "billing", text: "my refund please ! \(row)")
                : (label: "travel", text: "my flight ticket ! \(row)")
        }
        let report = report(rows)
        let place = try #require(report.labels.firstIndex { $0.label == "billing" })
        let ngrams = report.ngrams[place]
        #expect(Set(ngrams.map(\.ngram)).isSuperset(of: ["refund", "please", "refund please"]))
        #expect(ngrams.allSatisfy { !$0.ngram.contains("!") && $0.ngram != "my" })
        #expect(ngrams[0].rows == 30 && ngrams[0].rowsInAll == 30)
    }

    @Test("data with one label, one row or none is no crash")
    func degenerate() {
        #expect(report([]).rows == 0)
        #expect(report([("a", "x")]).labels.count == 1)
        #expect(report((0..<20).map { ("a", "text \($0)") }).suspects.isEmpty)
    }

    @Test("the report as text names rows from 1, as JSON from 0")
    func forms() throws {
        let report = report([
            ("a", "same words"), ("b", "same words"), ("a", "again \"x\""), ("a", "again \"x\""),
        ])
        let text = DataReportText(report).description
        #expect(text.contains("1 texts have several labels:\n  \"same words\": a (1), b (1)\n"))
        #expect(text.contains("\"again \"x\"\": rows 3, 4\n"))
        var writer = JSONWriter()
        report.encode(to: &writer)
        let json = String(decoding: writer.finish(), as: UTF8.self)
        #expect(
            json.contains(#"{"text":"again \"x\"","rows":[2,3],"labels":[{"label":"a","rows":2}]}"#)
        )
    }
}
