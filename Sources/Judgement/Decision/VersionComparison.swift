public import Evaluation
internal import Examples
public import JSON
internal import Model

/// A new version and another one on the same rows, none of which either has learnt.
///
/// The answers of the new version are evidence. Those of the other one are what was kept when it
/// was trained. Only rows that both data sets hold with the same label count: else a batch of wrong
/// labels would vote for itself. If fewer than 30 are shared, rows that the other version has never
/// seen count too; it is asked now. Corrections and rows of a new label never count.
public struct VersionComparison: Sendable, Equatable {
    /// What both say of the rows of one label.
    public struct LabelChange: Sendable, Equatable {
        /// The label.
        public let label: String
        /// What both say of its rows.
        public let paired: PairedAnswers
    }

    /// The version that the new one is compared with.
    public let version: Int
    /// The rows that count.
    public private(set) var paired = PairedAnswers()
    /// How many of them both data sets hold; the others are new.
    public private(set) var sharedRows = 0
    /// The rows that only the new data set has, with labels that both know.
    public private(set) var newRows = PairedAnswers()
    /// How many rows do not count, because the other version has learnt them and no fair answer of
    /// it was kept.
    public private(set) var leftOut = 0
    /// How many rows do not count, because the other data set holds them with another label.
    public private(set) var relabelled = 0
    /// The rows of all labels; one of several labels counts for each.
    private var pooled = PairedAnswers()
    /// The labels of rows that count, in their order.
    public private(set) var labels: [LabelChange] = []
    /// The figures of both on the rows that count, where texts may have several labels.
    ///
    /// `paired` then counts rows that got exactly their labels.
    public private(set) var sets: PairedSets.Figures?
    /// Whether the other version's network can be read.
    public let isReadable: Bool

    /// Fewer shared rows than this say too little.
    static let leastShared = 30

    /// Compares answers to rows that the new version has not learnt.
    ///
    /// - Parameters:
    ///   - answers: the evidence of the new version.
    ///   - corrections: texts that were corrected since the other version came.
    ///   - other: the other version.
    ///   - numbers: equal words are one text for any model, however they are written.
    ///   - several: where texts may have several labels: which F1 is compared, and how many labels
    ///     there are.
    init(
        _ answers: [AnsweredExample],
        corrections: Set<String>,
        with other: KnownVersion,
        numbers: TextNumbers,
        sets several: (objective: TrainingOptions.Objective, labelCount: Int)? = nil
    ) {
        version = other.version
        isReadable = other.classifier != nil
        var rows = SeenRows(other, numbers: numbers)
        let known = other.labels
        var shared = PairedLabels(several?.objective)
        var new = PairedLabels(several?.objective)
        for answer in answers where known.isSuperset(of: LabelSet.of(answer.truth).labels) {
            switch rows.place(of: answer) {
            case .shared(let label?):
                shared.append(answer, other: label)
            case .shared(nil): leftOut += 1
            case .relabelled: relabelled += 1
            case .unseen where corrections.contains(answer.text): continue
            case .unseen:
                guard let label = rows.answer(to: answer.text) else { continue }
                new.append(answer, other: label)
            }
        }
        sharedRows = shared.all.rows
        newRows = new.all
        if sharedRows < VersionComparison.leastShared { shared.append(new) }
        paired = shared.all
        pooled = shared.pooled
        sets = several.flatMap { shared.sets?.figures(labelCount: $0.labelCount) }
        labels = shared.byLabel.sorted { $0.key < $1.key }
            .map { LabelChange(label: $0.key, paired: $0.value) }
    }

    /// The labels that lose rows on balance, the greatest loss first.
    var losers: [LabelChange] {
        func loss(_ change: LabelChange) -> Int {
            change.paired.incumbentOnly - change.paired.candidateOnly
        }
        return labels.filter { loss($0) > 0 }.sorted { (loss($0), $1.label) > (loss($1), $0.label) }
    }

    /// The labels that collapse, in their order.
    var collapsed: [String] {
        let judge = LabelGuard(pooled, labelCount: labels.count)
        return labels.filter { judge.collapses($0.paired) }.map(\.label)
    }

    /// Whether the new version is better beyond doubt, after so many looks at the same rows, this
    /// one included: exact p ≤ 0.05/(k(k + 1)), which adds up to 5 % over all looks.
    func isProven(looks: Int) -> Bool {
        (sets?.pBetter ?? paired.pBetter) <= 0.05 / Double(looks * (looks + 1))
    }

    /// Writes an object: `version`, the members of `PairedAnswers`, `shared_rows`, `new_rows`,
    /// `left_out`, `relabelled` and `labels_that_lose`; where texts may have several labels also
    /// `sets`.
    public func encode(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("version", int: version)
        paired.encodeMembers(to: &writer)
        if let sets {
            writer.key("sets")
            sets.encode(to: &writer)
        }
        writer.member("shared_rows", int: sharedRows)
        writer.key("new_rows")
        newRows.encode(to: &writer)
        writer.member("left_out", int: leftOut)
        writer.member("relabelled", int: relabelled)
        writer.member("labels_that_lose", objects: losers) { change, writer in
            writer.member("label", string: change.label)
            writer.member("rows", int: change.paired.rows)
            writer.member("candidate_only", int: change.paired.candidateOnly)
            writer.member("incumbent_only", int: change.paired.incumbentOnly)
        }
        writer.endObject()
    }
}

/// Paired answers, in all and by label.
private struct PairedLabels {
    var all = PairedAnswers()
    var byLabel: [String: PairedAnswers] = [:]
    /// Where texts may have several labels.
    var sets: PairedSets?

    init(_ objective: TrainingOptions.Objective?) { sets = objective.map { PairedSets($0) } }

    /// The answers of all labels.
    var pooled: PairedAnswers { byLabel.values.reduce(into: PairedAnswers()) { $0.append($1) } }

    mutating func append(_ answer: AnsweredExample, other: String) {
        guard sets == nil else { return append(sets: answer, other: other) }
        let (candidate, incumbent) = (answer.label == answer.truth, other == answer.truth)
        all.append(candidate: candidate, incumbent: incumbent)
        byLabel[answer.truth, default: PairedAnswers()]
            .append(candidate: candidate, incumbent: incumbent)
    }

    /// A label of several is found if it is among those that the text got.
    private mutating func append(sets answer: AnsweredExample, other: String) {
        let truth = LabelSet.of(answer.truth)
        let (candidate, incumbent) = (LabelSet.of(answer.label), LabelSet.of(other))
        all.append(candidate: candidate == truth, incumbent: incumbent == truth)
        for label in truth.labels {
            byLabel[label, default: PairedAnswers()].append(
                candidate: candidate.labels.contains(label),
                incumbent: incumbent.labels.contains(label)
            )
        }
        sets?.append(truth: answer.truth, candidate: answer.label, incumbent: other)
    }

    mutating func append(_ more: PairedLabels) {
        all.append(more.all)
        if let own = more.sets { sets?.append(own) }
        for (label, paired) in more.byLabel { byLabel[label, default: .init()].append(paired) }
    }
}

/// The rows of a version's data set, found by their words.
private struct SeenRows {
    /// Where a row stands in the data set of the other version.
    enum Place {
        /// It is there with the same label; with what was kept of the answer to it.
        case shared(answer: String?)
        /// It is there with another label.
        case relabelled
        /// It is not there.
        case unseen
    }

    private var numbers: TextNumbers
    private let classifier: TextClassifier?
    /// By the number of the text.
    private var kept: [Int: String] = [:]
    private var labels: [Int: Set<LabelSet>] = [:]

    init(_ version: KnownVersion, numbers: TextNumbers) {
        self.numbers = numbers
        classifier = version.classifier
        for answer in version.answers {
            let number = self.numbers.number(of: answer.text)
            kept[number] = kept[number] ?? answer.label
        }
        for example in version.examples {
            labels[self.numbers.number(of: example.text), default: []].insert(example.labelSet)
        }
    }

    mutating func place(of answer: AnsweredExample) -> Place {
        let number = numbers.number(of: answer.text)
        guard let labels = labels[number] else { return .unseen }
        return labels.contains(LabelSet.of(answer.truth))
            ? .shared(answer: kept[number]) : .relabelled
    }

    /// What the version says of a text now; nil if it cannot be read.
    func answer(to text: String) -> String? {
        classifier.map { $0.stated(text, scratch: $0.makeScratch()).label }
    }
}
