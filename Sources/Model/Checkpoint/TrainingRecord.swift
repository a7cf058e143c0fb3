/// How a checkpoint came to be: enough to make it again, and what it scored.
///
/// Holds no time of day, so that the same rows, options and seed give the same bytes.
public struct TrainingRecord: Sendable, Equatable {
    /// The scores on one part of the data.
    public struct Scores: Sendable, Equatable {
        /// The number of rows that were scored.
        public var rows: Int
        /// The share of rows whose label, or exact set of labels, was found.
        public var accuracy: Double
        /// The mean over the labels of their F1.
        public var macroF1: Double
        /// The mean cross-entropy in nats.
        public var loss: Double
        /// F1 over all labels together; nil where a text has one label, because it is then the
        /// accuracy.
        public var microF1: Double?

        /// Creates scores.
        public init(
            rows: Int,
            accuracy: Double,
            macroF1: Double,
            loss: Double,
            microF1: Double? = nil
        ) {
            self.microF1 = microF1
            self.rows = rows
            self.accuracy = accuracy
            self.macroF1 = macroF1
            self.loss = loss
        }
    }

    /// What a trivial model scores on the held-out rows.
    public struct Baseline: Sendable, Equatable {
        /// What it is, such as `majority`.
        public var name: String
        /// The share of rows whose label it finds.
        public var accuracy: Double
        /// The mean over the labels of its F1.
        public var macroF1: Double

        /// Creates a baseline.
        public init(name: String, accuracy: Double, macroF1: Double) {
            self.name = name
            self.accuracy = accuracy
            self.macroF1 = macroF1
        }
    }

    /// How sure an answer must be to be right so often, measured on held-out rows.
    public struct Coverage: Sendable, Equatable {
        /// The share of accepted answers that shall be right.
        public var accuracy: Double
        /// The least score of an accepted answer.
        public var threshold: Double
        /// The share of rows that are accepted.
        public var coverage: Double

        /// Creates a line of the table.
        public init(accuracy: Double, threshold: Double, coverage: Double) {
            self.accuracy = accuracy
            self.threshold = threshold
            self.coverage = coverage
        }
    }

    /// How well texts of none of the labels are told from others, and from which certainty on a
    /// text is better given a label (`TextClassifier.certainty`).
    ///
    /// Such texts are never learnt. Right answers are those to rows that were not learnt.
    public struct OutOfScope: Sendable, Equatable {
        /// The number of texts of none of the labels.
        public var rows: Int
        /// The chance that a row with a label has more certainty than a text of none.
        public var auroc: Double
        /// The bounds of its 95 % confidence interval.
        public var aurocBounds: ClosedRange<Double>
        /// The proposal: a text of less certainty is none of these.
        public var threshold: Double
        /// How many of the texts of none have less.
        public var caught: Int
        /// The number of right answers.
        public var rightAnswers: Int
        /// How many of them have less, and would be lost.
        public var lost: Int
        /// Whether `caught` and `lost` were counted by thresholds that other texts chose.
        public var isCrossFitted: Bool

        /// Creates figures.
        public init(
            rows: Int,
            auroc: Double,
            aurocBounds: ClosedRange<Double>,
            threshold: Double,
            caught: Int,
            rightAnswers: Int,
            lost: Int,
            isCrossFitted: Bool
        ) {
            self.rows = rows
            self.auroc = auroc
            self.aurocBounds = aurocBounds
            self.threshold = threshold
            self.caught = caught
            self.rightAnswers = rightAnswers
            self.lost = lost
            self.isCrossFitted = isCrossFitted
        }
    }

    /// How many epochs were asked for and run.
    public struct Epochs: Sendable, Equatable {
        /// What one path of the network saw.
        public struct Path: Sendable, Equatable {
            /// Which: `article`, `recurrent` or `linear`.
            public var name: String
            /// The epochs that were run.
            public var run: Int
            /// The epochs that the weights have seen: fewer where later ones gained nothing.
            public var kept: Int

            /// Describes a path.
            public init(name: String, run: Int, kept: Int) {
                (self.name, self.run, self.kept) = (name, run, kept)
            }
        }

        /// The number that was given; nil if none was.
        public var asked: Int?
        /// Each path that was trained.
        public var paths: [Path]

        /// Describes a run.
        public init(asked: Int?, paths: [Path]) {
            (self.asked, self.paths) = (asked, paths)
        }
    }

    /// The number of rows that the weights were fitted on.
    public var rows: Int
    /// How many of them each label has, in the order of the labels; nil in a record that an earlier
    /// version of Elman wrote.
    public var labelRows: [Int]?
    /// SHA-256 of all rows that were given, in 64 hexadecimal digits.
    public var dataDigest: String
    /// The options, as the user gave them or by default.
    public var options: TrainingOptions
    /// What became of `options.epochs`; nil in a record that an earlier version of Elman wrote,
    /// which does not tell either what was given.
    public var epochs: Epochs?
    /// What a recipe that chooses chose, and why.
    public var choice: String?
    /// Scores on the rows of training; nil where these weights were not scored on them.
    public var train: Scores?
    /// Scores on rows that training did not see, if any were held out.
    public var heldOut: Scores?
    /// Which threshold gives which accuracy, where held-out rows reach it at all.
    public var coverage: [Coverage]
    /// How texts of none of the labels are told from others; nil where none were given, or nothing
    /// could be compared with them.
    public var outOfScope: OutOfScope?
    /// Trivial models to compare with.
    public var baselines: [Baseline]
    /// The version of Elman that trained.
    public var toolVersion: String
    /// Where word vectors came from; nil without them.
    ///
    /// In a file it stands with the vectors.
    public var vectors: WordVectors.Source?

    /// Creates a record.
    public init(
        rows: Int,
        labelRows: [Int]? = nil,
        dataDigest: String,
        options: TrainingOptions,
        epochs: Epochs? = nil,
        choice: String? = nil,
        train: Scores?,
        heldOut: Scores? = nil,
        coverage: [Coverage] = [],
        baselines: [Baseline] = [],
        toolVersion: String = elmanVersion
    ) {
        self.rows = rows
        self.labelRows = labelRows
        self.dataDigest = dataDigest
        self.options = options
        self.epochs = epochs
        self.choice = choice
        self.train = train
        self.heldOut = heldOut
        self.coverage = coverage
        self.baselines = baselines
        self.toolVersion = toolVersion
    }

    /// The record without figures: for weights that are no longer those that were scored.
    func withoutFigures() -> TrainingRecord {
        var record = self
        (record.train, record.heldOut) = (nil, nil)
        (record.coverage, record.baselines, record.outOfScope) = ([], [], nil)
        return record
    }
}

extension TrainingRecord.Epochs: CustomStringConvertible {
    /// Such as `20 asked; recurrent 11 run, the weights of epoch 7 kept; linear 20 run`.
    public var description: String {
        let ran = paths.map { path in
            "\(path.name) \(path.run) run"
                + (path.kept == path.run ? "" : ", the weights of epoch \(path.kept) kept")
        }
        return ([asked.map { "\($0) asked" } ?? "none asked"] + ran).joined(separator: "; ")
    }
}
