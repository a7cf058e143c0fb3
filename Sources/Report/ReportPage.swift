internal import Evaluation
public import JSON

/// A job's report as one self-contained page: no script, nothing from elsewhere.
///
/// It reads the JSON of a report, or of a job or version that has one as its member `report`. What
/// is missing is left out.
public struct ReportPage {
    /// The page, UTF-8.
    public let html: String
    /// What stands in its one `style` element, the same in every report, for policies that name its
    /// digest.
    public static var styleSheet: String { style }

    /// Lays out a report.
    ///
    /// - Returns: nil if the document is not a report and has none.
    public init?(_ document: JSONValue) {
        let inner = document["report"]
        let report = inner?.kind == .object ? inner : document["network"] == nil ? nil : document
        guard let report, report.kind == .object else { return nil }
        var page = ReportPage.Writer(report: report)
        page.shadow = document["shadow"]
        let model = document["model"]?.string
        let version = document["version"]?.int
        page.title =
            "Training report"
            + (model.map { " of \($0)\(version.map { ", version \($0)" } ?? "")" } ?? "")
        html = page.page()
    }
}

extension ReportPage {
    /// Writes the sections one after the other.
    fileprivate struct Writer {
        let report: JSONValue
        var shadow: JSONValue?
        var title = ""
        private var html = HTML()

        init(report: JSONValue) { self.report = report }

        mutating func page() -> String {
            html.markup("<!doctype html><html lang=en><head><meta charset=utf-8>")
            html.markup("<meta name=viewport content=\"width=device-width, initial-scale=1\">")
            html.markup("<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; ")
            html.markup("style-src 'unsafe-inline'\">")
            html.element("title", title)
            html.markup("<style>\(ReportPage.style)</style></head><body><main>")
            html.element("h1", title)
            summary()
            html.shadow(shadow)
            html.markup("<div class=grid>")
            losses()
            reliability()
            confusion()
            topConfusions()
            html.markup("</div>")
            mistakes()
            labels()
            html.markup("<div class=grid>")
            baselines()
            coverage()
            html.markup("</div>")
            golden()
            data()
            html.markup("</main></body></html>\n")
            return html.text
        }

        private mutating func section(_ heading: String, _ body: (inout Writer) -> Void) {
            html.markup("<section>")
            html.element("h2", heading)
            body(&self)
            html.markup("</section>")
        }

        private mutating func summary() {
            if let decision = report["decision"] {
                let isPromoted = decision["promoted"]?.bool ?? false
                html.markup("<p class=lead><strong class=\(isPromoted ? "good" : "held")>")
                html.write(isPromoted ? "Live:" : "A candidate:")
                html.markup("</strong> <bdi>")
                html.write(decision["reason"]?.string ?? "")
                html.markup("</bdi></p>")
            }
            let network = report["network"]
            let heldOut = network?["held_out"]
            html.markup("<dl class=tiles>")
            let microF1 = figure(heldOut?["micro_f1"]?.double)
            tile("micro-F1", microF1)
            let accuracy = percentage(heldOut?["accuracy"]?.double)
            tile(microF1 == nil ? "held-out accuracy" : "rows exactly right", accuracy)
            tile("macro-F1", figure(heldOut?["macro_f1"]?.double))
            tile("calibration error", percentage(report["calibration"]?["ece"]?.double))
            tile("held-out rows", heldOut?["rows"]?.int.map { "\($0)" })
            tile("rows in all", report["data"]?["rows"]?.int.map { "\($0)" })
            tile("labels", report["confusion"]?["labels"]?.count.description)
            html.markup("</dl>")
            if let description = network?["description"]?.string {
                html.element("p", description + choice, attributes: "class=faint")
            }
        }

        private var choice: String {
            report["network"]?["choice"]?.string.map { ": \($0)" } ?? ""
        }

        /// Whether texts may have several labels.
        private var hasSets: Bool { report["network"]?["held_out"]?["micro_f1"] != nil }

        private mutating func tile(_ name: StaticString, _ value: String?) {
            guard let value else { return }
            html.markup("<div><dt>\(name)</dt>")
            html.element("dd", value)
            html.markup("</div>")
        }

        private mutating func losses() {
            var series: [(epochs: [Double], values: [Double], style: String)] = []
            var legend: [(style: String, name: String)] = []
            let colors = ["a", "b", "c"]
            for (index, curve) in (report["network"]?["loss_curves"]?.list ?? []).enumerated() {
                let epochs = curve["epochs"]?.list.compactMap(\.double) ?? []
                let path = curve["path"]?.string ?? ""
                let color = colors[index % colors.count]
                for (key, dash, part) in [
                    ("loss", "", "training"), ("held_out_loss", " dashed", "held-out"),
                ] {
                    let values = curve[key]?.list.compactMap(\.double) ?? []
                    guard !values.isEmpty, values.count == epochs.count else { continue }
                    series.append((epochs, values, color + dash))
                    legend.append((color + dash, "\(path), \(part) rows"))
                }
            }
            guard !series.isEmpty else { return }
            section("Loss") { writer in
                writer.html.markup(Charts.loss(series))
                writer.html.markup("<ul class=legend>")
                for entry in legend {
                    writer.html.markup("<li><svg viewBox=\"0 0 28 8\" aria-hidden=true>")
                    writer.html.markup(
                        "<line x1=1 y1=4 x2=27 y2=4 class=\"curve \(entry.style)\" />"
                    )
                    writer.html.markup("</svg>")
                    writer.html.write(entry.name)
                    writer.html.markup("</li>")
                }
                writer.html.markup("</ul>")
            }
        }

        private mutating func reliability() {
            let bins = report["calibration"]?["reliability"]?.list ?? []
            guard !bins.isEmpty else { return }
            section("Calibration") { writer in
                writer.html.markup(
                    Charts.reliability(
                        bins.map {
                            (
                                score: $0["score"]?.double ?? 0,
                                accuracy: $0["accuracy"]?.double ?? 0,
                                rows: $0["rows"]?.int ?? 0
                            )
                        }
                    )
                )
                writer.html.markup("<p class=faint>A larger dot stands for more rows. On the ")
                writer.html.markup(
                    "diagonal, scores mean what they say; below it, the model is too "
                )
                writer.html.markup("sure.</p>")
            }
        }

        private var cells: [(truth: Int, predicted: Int, rows: Int)] {
            (report["confusion"]?["cells"]?.list ?? []).compactMap { cell in
                let values = cell.list.compactMap(\.int)
                let places = 0..<(report["confusion"]?["labels"]?.count ?? 0)
                guard values.count == 3, places.contains(values[0]), places.contains(values[1])
                else {
                    return nil
                }
                return (values[0], values[1], values[2])
            }
        }

        private var names: [String] {
            report["confusion"]?["labels"]?.list.compactMap(\.string) ?? []
        }

        private mutating func confusion() {
            let (names, cells) = (names, cells)
            guard !cells.isEmpty else { return }
            section("Confusion") { writer in
                writer.html.markup(Charts.confusion(names, cells))
                guard names.count > Charts.namedLabels else { return }
                writer.html.markup("<details><summary>Labels by place</summary><ol start=0>")
                for name in names {
                    writer.html.markup("<li><bdi>")
                    writer.html.write(name)
                    writer.html.markup("</bdi></li>")
                }
                writer.html.markup("</ol></details>")
            }
        }

        private mutating func topConfusions() {
            let confusions = report["top_confusions"]?.list ?? []
            guard !confusions.isEmpty else { return }
            let hasSets = hasSets
            section("Most frequent confusions") { writer in
                writer.html.table(
                    [hasSets ? "missing label" : "true label", "predicted", "rows"],
                    confusions.map { confusion in
                        ["label", "answer"].map { confusion[$0]?.string ?? "" }
                            + ["\(confusion["rows"]?.int ?? 0)"]
                    },
                    numbersFrom: 2
                )
            }
        }

        private mutating func mistakes() {
            let mistakes = report["mistakes"]?.list ?? []
            guard !mistakes.isEmpty else { return }
            let heldOut = report["network"]?["held_out"]
            let rows = heldOut?["rows"]?.int ?? 0
            let accuracy = heldOut?["accuracy"]?.double ?? 0
            section("The surest mistakes") { writer in
                writer.html.element(
                    "p",
                    "\(mistakes.count) of \(rows - Int((accuracy * Double(rows)).rounded())) "
                        + "held-out rows that got another label. Where the model is right, mend "
                        + "the row.",
                    attributes: "class=faint"
                )
                writer.html.table(
                    ["text", "true label", "predicted", "score"],
                    mistakes.map { mistake in
                        ["text", "label", "answer"].map { mistake.labels($0) }
                            + [figure(mistake["score"]?.double) ?? ""]
                    },
                    numbersFrom: 3
                )
            }
        }

        private mutating func labels() {
            let labels = (report["per_class"]?.list ?? []).map {
                (
                    label: $0["label"]?.string ?? "",
                    value: min(max($0["f1"]?.double ?? 0, 0), 1),
                    rows: $0["rows"]?.int ?? 0
                )
            }.sorted { ($0.value, $0.label) < ($1.value, $1.label) }
            guard !labels.isEmpty else { return }
            section("Labels, the weakest first") { writer in
                let isSplit = labels.count > 8
                let half = isSplit ? (labels.count + 1) / 2 : labels.count
                writer.html.markup("<div class=grid>")
                writer.html.markup("<div>\(Charts.bars(Array(labels.prefix(half))))</div>")
                if isSplit {
                    writer.html.markup("<div>\(Charts.bars(Array(labels.dropFirst(half))))</div>")
                }
                writer.html.markup("</div>")
            }
        }

        private mutating func baselines() {
            let baselines = report["baselines"]?.list ?? []
            guard !baselines.isEmpty else { return }
            let heldOut = report["network"]?["held_out"]
            section("Baselines on the same rows") { writer in
                let rows =
                    baselines.map { ($0["name"]?.string ?? "", $0) }
                    + (heldOut.map { [("this version", $0)] } ?? [])
                writer.html.table(
                    ["model", "accuracy", "macro-F1"],
                    rows.map { name, scores in
                        [
                            name, percentage(scores["accuracy"]?.double) ?? "",
                            figure(scores["macro_f1"]?.double) ?? "",
                        ]
                    },
                    numbersFrom: 1
                )
            }
        }

        private mutating func coverage() {
            let lines = report["coverage"]?.list ?? []
            let scope = OutOfScopeText(report["out_of_scope"])
            guard !lines.isEmpty || scope != nil else { return }
            section("How sure is sure enough") { writer in
                if let scope { writer.html.element("p", scope.sentence) }
                writer.html.table(
                    ["right", "at a score from", "rows answered"],
                    lines.map {
                        [
                            percentage($0["accuracy"]?.double, digits: 0) ?? "",
                            figure($0["threshold"]?.double) ?? "",
                            percentage($0["coverage"]?.double) ?? "",
                        ]
                    },
                    numbersFrom: 0
                )
            }
        }

        private mutating func golden() {
            let failures = report["golden"]?["failures"]?.list ?? []
            guard !failures.isEmpty else { return }
            section("Golden cases that fail") { writer in
                writer.html.table(
                    ["text", "must be", "is"],
                    failures.map { failure in
                        ["text", "label", "answer"].map { failure.labels($0) }
                    }
                )
            }
        }

        private mutating func data() {
            guard let data = report["data"] else { return }
            html.markup("<h2 class=part>The rows</h2>")
            findings(data)
            suspects(data)
            contradictions(data)
            ngrams(data)
        }

        private mutating func findings(_ data: JSONValue) {
            html.markup("<dl class=tiles>")
            tile("repeated rows", data["duplicates"]?["count"]?.int?.description)
            tile("near duplicates", data["near_duplicates"]?["count"]?.int?.description)
            tile("texts with several labels", data["contradictions"]?["count"]?.int?.description)
            tile("likely wrong labels", data["likely_mislabelled"]?["count"]?.int?.description)
            tile("labels with few rows", data["rare_labels"]?.count.description)
            tile("labels alike", data["similar_labels"]?["count"]?.int?.description)
            tile("long texts", data["too_long"]?["count"]?.int?.description)
            tile("texts truncated", data["truncated"]?["count"]?.int?.description)
            html.markup("</dl>")
        }

        private mutating func suspects(_ data: JSONValue) {
            let suspects = data["likely_mislabelled"]?["rows"]?.list ?? []
            guard !suspects.isEmpty else { return }
            section("Labels to look at") { writer in
                writer.html.table(
                    ["text", "label", "rather"],
                    suspects.map { suspect in
                        ["text", "label", "suggestion"].map { suspect[$0]?.string ?? "" }
                    }
                )
            }
        }

        private mutating func contradictions(_ data: JSONValue) {
            let texts = data["contradictions"]?["texts"]?.list ?? []
            guard !texts.isEmpty else { return }
            section("Texts with several labels") { writer in
                writer.html.table(
                    ["text", "labels"],
                    texts.map { text in
                        let labels = (text["labels"]?.list ?? []).map {
                            "\($0.labels("label")) (\($0["rows"]?.int ?? 0))"
                        }
                        return [text["text"]?.string ?? "", labels.joined(separator: ", ")]
                    }
                )
            }
        }

        private mutating func ngrams(_ data: JSONValue) {
            let labels = data["ngrams"]?.list ?? []
            guard !labels.isEmpty else { return }
            section("What tells most of each label") { writer in
                writer.html.table(
                    ["label", "words"],
                    labels.map { label in
                        let words = (label["ngrams"]?.list ?? []).compactMap { $0["ngram"]?.string }
                        return [label["label"]?.string ?? "", words.joined(separator: " · ")]
                    }
                )
            }
        }
    }
}

private func percentage(_ share: Double?, digits: Int = 1) -> String? {
    share.map { percent($0, digits: digits) }
}

private func figure(_ value: Double?) -> String? { value.map { decimal($0, digits: 3) } }

extension JSONValue {
    /// The elements of an array; none of anything else.
    fileprivate var list: [JSONValue] { kind == .array ? Array(elements) : [] }
}
