internal import Evaluation
internal import Model

/// Why a training run gave no model.
public enum TrainingError: Error, Equatable, Sendable {
    /// There is no row to learn from.
    case noExamples
    /// Texts may have several labels, and none has any.
    case noLabels
    /// All rows have the same label, so there is nothing to tell apart.
    case oneLabel(String)
    /// Too many texts occur with several labels for two labels to be told apart.
    case contradictory(texts: Int)
    /// The model's name or a label is not one that a checkpoint may have.
    case notAllowed(String)
    /// More labels than a model may have.
    case tooManyLabels(count: Int, limit: Int)
    /// A row to be scored has a label that no training row has.
    case unknownLabel(part: String, row: Int, label: String)
    /// The words and labels of the rows, with this hidden size, make too large a model.
    case tooManyParameters(words: Int, hidden: Int, limit: Int)
    /// No row could be held out and still leave each label a text to learn from.
    case cannotHoldOut(fraction: Double)
    /// The weights or the loss left the range of useful numbers.
    case diverged(epoch: Int, detail: String)
    /// The observer asked to stop.
    case stopped(epoch: Int)

    /// A stable identifier, as a job's `error.code` has it.
    public var code: String {
        switch self {
        case .noExamples: "no_examples"
        case .noLabels: "no_labels"
        case .oneLabel: "one_label"
        case .contradictory: "contradictory"
        case .notAllowed: "not_allowed"
        case .tooManyLabels: "too_many_labels"
        case .unknownLabel: "unknown_label"
        case .tooManyParameters: "too_many_parameters"
        case .cannotHoldOut: "cannot_hold_out"
        case .diverged: "diverged"
        case .stopped: "stopped"
        }
    }
}

extension TrainingError: CustomStringConvertible {
    /// One sentence that says what is wrong and what to do.
    public var description: String {
        switch self {
        case .noExamples:
            "there is no row to learn from; give at least one row for each of two labels"
        case .noLabels:
            "no row has a label; give rows with some"
        case .oneLabel(let label):
            "all rows have the label \"\(label)\"; give rows of at least two labels"
        case .contradictory(let texts):
            "the same texts have different labels (\(texts) do), and fewer than two labels have a "
                + "text of their own; correct the labels"
        case .notAllowed(let detail):
            detail
        case .tooManyLabels(let count, let limit):
            "the rows have \(count) labels, and a model holds at most \(limit); "
                + "check that the label and text columns are not swapped"
        case .unknownLabel(let part, let row, let label):
            "row \(row) of the \(part) data has the label \"\(label)\", which no training row has; "
                + "correct it or add training rows with that label"
        case .tooManyParameters(let words, let hidden, let limit):
            "\(words) different words with \(hidden) hidden units make more than \(limit) weights; "
                + "choose a smaller hidden size or give fewer rows"
        case .cannotHoldOut(let fraction):
            "there are too few different texts to hold out \(fraction) of them; "
                + "give more rows, or none held out"
        case .diverged(let epoch, let detail):
            "training diverged in epoch \(epoch): \(detail); choose a lower learning rate"
        case .stopped(let epoch):
            "training was stopped in epoch \(epoch)"
        }
    }
}

extension TrainingError {
    /// Names the part of the data that a row belongs to.
    init(_ error: Evaluation.UnknownLabel, part: String) {
        self = .unknownLabel(part: part, row: error.row + 1, label: error.label)
    }
}

extension Evaluation {
    /// Classifies rows of a part of the data and counts.
    init(
        of classifier: TextClassifier,
        on rows: TokenizedRows,
        numbers: [Int],
        part: String,
        mistakeCount: Int? = nil
    ) throws(TrainingError) {
        do {
            try self.init(of: classifier, on: rows, numbers: numbers, mistakeCount: mistakeCount)
        } catch {
            throw TrainingError(error, part: part)
        }
    }
}
