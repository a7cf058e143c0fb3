public import Evaluation
public import Examples
public import Model

/// A new version before the judge: what it answers, and what it is held against.
public struct Trial: Sendable {
    /// The model's name.
    public var model: String
    /// The number that the new version will have.
    public var version: Int
    /// The new version's network.
    public var classifier: TextClassifier
    /// Its answers to rows that neither fitted nor chose anything.
    public var answers: [AnsweredExample]
    /// The version that is live; nil if none is.
    public var live: KnownVersion?
    /// The version that none may fall far behind; nil where that is the live one.
    public var anchor: KnownVersion?
    /// What earlier decisions leave.
    public var standing: Standing
    /// Rows that feedback taught since the live version came.
    public var corrections: [Example]
    /// Texts with the labels that they must get.
    public var golden: [Example]
    /// Rows whose texts are split already; most texts of both versions are among them.
    public var rows: TokenizedRows
    /// Which F1 is compared where texts may have several labels.
    public var objective = TrainingOptions.Objective.micro

    /// Brings a new version before the judge.
    public init(
        model: String,
        version: Int,
        classifier: TextClassifier,
        answers: [AnsweredExample],
        live: KnownVersion?,
        anchor: KnownVersion? = nil,
        standing: Standing,
        corrections: [Example] = [],
        golden: [Example] = [],
        rows: TokenizedRows = TokenizedRows([])
    ) {
        self.model = model
        self.version = version
        self.classifier = classifier
        self.answers = answers
        self.live = live
        self.anchor = anchor
        self.standing = standing
        self.corrections = corrections
        self.golden = golden
        self.rows = rows
    }

    /// The new version against the live one, or against the anchor.
    func comparison(with other: KnownVersion) -> VersionComparison {
        VersionComparison(
            answers,
            corrections: Set(corrections.map(\.text)),
            with: other,
            numbers: TextNumbers(rows),
            sets: classifier.output == .multi
                ? (objective, Set(classifier.labels).union(other.labels).count) : nil
        )
    }

    /// What became of the corrections; nil without any.
    var taught: Corrections? {
        guard live != nil, !corrections.isEmpty else { return nil }
        let labels = correctedLabels
        let scratch = classifier.makeScratch()
        let learnt = corrections.count {
            LabelSet.of(classifier.stated($0.text, scratch: scratch).label) == $0.labelSet
        }
        let fair = answers.filter { labels[$0.text] == LabelSet.of($0.truth) }
        return Corrections(
            rows: corrections.count,
            learnt: learnt,
            answered: fair.count,
            right: fair.count(where: \.isRight)
        )
    }

    /// How many rows of what was taught, corrections and rows of new labels, the new version has
    /// right without having learnt them; a correction with a new label is one row.
    var taughtRight: Int {
        guard let live else { return 0 }
        let (labels, known) = (correctedLabels, live.labels)
        return answers.count {
            let truth = LabelSet.of($0.truth)
            return $0.isRight
                && (labels[$0.text] == truth || !known.isSuperset(of: truth.labels))
        }
    }

    /// The labels of each corrected text.
    private var correctedLabels: [String: LabelSet] {
        Dictionary(
            corrections.map { ($0.text, $0.labelSet) },
            uniquingKeysWith: { _, last in last }
        )
    }

    /// The labels that the live version does not know, in the order of their names.
    var newLabels: [NewLabel] {
        guard let live else { return [] }
        let new = Set(classifier.labels).subtracting(live.labels)
        return new.sorted().map { label in
            let rows = answers.filter { LabelSet.of($0.truth).labels.contains(label) }
            return NewLabel(
                label: label,
                rows: rows.count,
                right: rows.count { LabelSet.of($0.label).labels.contains(label) }
            )
        }
    }
}
