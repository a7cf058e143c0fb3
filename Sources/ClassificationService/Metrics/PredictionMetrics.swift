internal import Synchronization

/// Predictions by model and label.
///
/// A model's counters live on when a new version takes over; abstentions alone are counted by
/// version, because how often a threshold is missed is a property of the version. Names, labels and
/// versions are bounded, so that no client can make the number of series grow without end.
final class PredictionMetrics: Sendable {
    private static let maximumModels = 100
    private static let maximumLabels = 100
    private static let maximumVersions = 100
    private static let other = "_other"

    /// The counters of one version's labels: shared with the other versions of its model.
    struct Row: Sendable {
        /// Keeps `cells` alive.
        private let series: [Series]
        private let cells: [Counters.Cell]
        let shared: Shared
        private let abstentions: Counters

        fileprivate init(_ series: [Series], _ shared: Shared, _ abstentions: Counters) {
            self.series = series
            self.shared = shared
            self.abstentions = abstentions
            cells = series.map { $0.predictions.cell(at: 0) }
        }

        func countAbstained() { abstentions.add(at: 0) }

        func count(label index: Int) { cells[index].add() }
    }

    fileprivate final class Series: Sendable {
        let model: String
        let label: String
        let predictions = Counters(count: 1)

        init(model: String, label: String) {
            self.model = model
            self.label = label
        }
    }

    /// Counters over all labels of one model.
    final class Shared: Sendable {
        fileprivate let model: String
        fileprivate var labels: String { "model=\"\(model)\"" }
        fileprivate let counters = Counters(count: 3)
        fileprivate let scores = ShareHistogram()
        fileprivate let unknownShares = ShareHistogram()

        fileprivate init(model: String) { self.model = model }

        func count(score: Float, tokens: Int, unknown: Int, isTruncated: Bool) {
            counters.add(tokens, at: 0)
            counters.add(unknown, at: 1)
            if isTruncated { counters.add(at: 2) }
            scores.record(score)
            unknownShares.record(Float(unknown) / Float(max(tokens, 1)))
        }
    }

    private struct State {
        var series: [String: [String: Series]] = [:]
        var shared: [String: Shared] = [:]
        /// By model and version, the newest versions of each.
        var abstentions: [String: [Int: Counters]] = [:]

        mutating func abstentions(_ model: String, _ version: Int) -> Counters {
            if let existing = abstentions[model]?[version] { return existing }
            let new = Counters(count: 1)
            abstentions[model, default: [:]][version] = new
            if let versions = abstentions[model]?.keys, versions.count > maximumVersions,
                let oldest = versions.min()
            {
                abstentions[model]?[oldest] = nil
            }
            return new
        }
    }

    private let state = Mutex(State())

    /// The counters for a version with these labels.
    func row(model: String, version: Int, labels: [String]) -> Row {
        state.withLock { state in
            let isKnown = state.series[model] != nil
            let name = isKnown || state.series.count < Self.maximumModels ? model : Self.other
            let series = labels.map { label in
                let known = state.series[name]?[label]
                let count = state.series[name]?.count ?? 0
                let text = known != nil || count < Self.maximumLabels ? label : Self.other
                if let existing = state.series[name]?[text] { return existing }
                let new = Series(model: name, label: text)
                state.series[name, default: [:]][text] = new
                return new
            }
            let shared = state.shared[name] ?? Shared(model: name)
            state.shared[name] = shared
            return Row(series, shared, state.abstentions(name, version))
        }
    }

    func write(to text: inout String) {
        let (series, shared, abstentions) = state.withLock { state in
            (
                state.series.values.flatMap(\.values)
                    .sorted { ($0.model, $0.label) < ($1.model, $1.label) },
                state.shared.values.sorted { $0.model < $1.model },
                state.abstentions.sorted { $0.key < $1.key }
            )
        }
        text += "# HELP elman_predictions_total Texts by the label they were given.\n"
        text += "# TYPE elman_predictions_total counter\n"
        for one in series {
            text += "elman_predictions_total{model=\"\(one.model)\","
            text += "label=\"\(escapedForMetrics(one.label))\"} \(one.predictions[0])\n"
        }
        text += "# HELP elman_abstained_total Texts whose score was below min_confidence, "
        text += "or of which nothing was known.\n"
        text += "# TYPE elman_abstained_total counter\n"
        for (model, versions) in abstentions {
            for (version, counters) in versions.sorted(by: { $0.key < $1.key }) {
                text += "elman_abstained_total{model=\"\(model)\","
                text += "version=\"\(version)\"} \(counters[0])\n"
            }
        }
        let totals = [
            ("elman_tokens_total", "Tokens that were read."),
            ("elman_unknown_tokens_total", "Tokens that the model did not know."),
            ("elman_truncated_texts_total", "Texts that were longer than the model reads."),
        ]
        for (index, (name, help)) in totals.enumerated() {
            text += "# HELP \(name) \(help)\n# TYPE \(name) counter\n"
            for one in shared {
                text += "\(name){model=\"\(one.model)\"} \(one.counters[index])\n"
            }
        }
        let (score, unknown) = ("elman_prediction_score", "elman_unknown_words_ratio")
        text += "# HELP \(score) The score of the label that a text was given.\n"
        text += "# TYPE \(score) histogram\n"
        for one in shared { one.scores.write(score, labels: one.labels, to: &text) }
        text += "# HELP \(unknown) The share of a text's tokens that the model did not know.\n"
        text += "# TYPE \(unknown) histogram\n"
        for one in shared { one.unknownShares.write(unknown, labels: one.labels, to: &text) }
    }
}

/// A label value as the text format takes it: backslash, quote and line feed escaped.
func escapedForMetrics(_ value: String) -> String {
    value.reduce(into: "") { text, character in
        switch character {
        case "\\": text += "\\\\"
        case "\"": text += "\\\""
        case "\n", "\r\n": text += "\\n"
        default: text.append(character)
        }
    }
}
