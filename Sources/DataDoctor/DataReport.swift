internal import Evaluation
internal import Examples
public import JSON

/// What the data doctor found in labelled rows.
///
/// Rows are numbered from 0. Each finding tells how many there are and lists the first or worst of
/// them, `DataReport.listed` at most.
public struct DataReport: Sendable, Equatable {
    /// The most entries of a list.
    public static let listed = 20
    /// A label with fewer rows cannot be told from chance.
    public static let fewRows = 5
    /// From this ratio of the largest label to the smallest on, the rows count as imbalanced.
    public static let imbalance = 10.0

    /// A label and how many rows it has.
    public struct LabelCount: Sendable, Equatable {
        /// The label.
        public let label: String
        /// Its rows.
        public let rows: Int
    }

    /// Rows with the same words, in the same order.
    public struct SameText: Sendable, Equatable {
        /// The text of the first row.
        public let text: String
        /// The rows.
        public let rows: [Int]
        /// Their labels, most frequent first.
        public let labels: [LabelCount]
    }

    /// Two rows with nearly the same words.
    public struct NearDuplicate: Sendable, Equatable {
        /// The earlier row.
        public let first: Int
        /// The later row.
        public let second: Int
        /// The text of the earlier row.
        public let firstText: String
        /// The text of the later row.
        public let secondText: String
        /// The share of the different words of both that both have, from 0 to 1 (Jaccard).
        public let similarity: Double
        /// Whether the two have the same label.
        public let hasSameLabel: Bool
    }

    /// A row that seems to have the wrong label.
    public struct Suspect: Sendable, Equatable {
        /// The row.
        public let row: Int
        /// Its text.
        public let text: String
        /// The label that it has.
        public let label: String
        /// The label that a model of the other rows gives it.
        public let suggestion: String
        /// The probability of its own label, from 0 to 1.
        public let labelScore: Double
        /// The probability of the suggestion, from 0 to 1.
        public let suggestionScore: Double
    }

    /// A word, or two in a row, that tells of a label.
    public struct BoundNGram: Sendable, Equatable {
        /// The words, with a blank between.
        public let ngram: String
        /// In how many rows of the label it stands.
        public let rows: Int
        /// In how many rows it stands in all.
        public let rowsInAll: Int
    }

    /// The number of rows.
    public var rows = 0
    /// The labels, most rows first; a row of several labels counts for each.
    public var labels: [LabelCount] = []
    /// Where texts may have several labels: how many rows have none; else nil.
    public var unlabelledRows: Int?
    /// How many texts have none of the labels, where each other has one; nil without any.
    public var outOfScopeRows: Int?
    /// How many sets of labels differ only by case, width, white space or form.
    public var similarLabelSets = 0
    /// Those sets, each with its labels, most rows first.
    public var similarLabels: [[LabelCount]] = []
    /// Rows beyond the first of the same text and label.
    public var duplicateRows = 0
    /// Texts that stand there more than once with one label.
    public var duplicates: [SameText] = []
    /// How many texts have several labels.
    public var contradictoryTexts = 0
    /// Texts that have several labels.
    public var contradictions: [SameText] = []
    /// How many rows have an earlier one with nearly the same words.
    public var nearDuplicateRows = 0
    /// The most similar of them.
    public var nearDuplicates: [NearDuplicate] = []
    /// How many texts have no word.
    public var emptyTexts = 0
    /// Rows without a word.
    public var emptyRows: [Int] = []
    /// How many texts have more tokens than a network reads that takes them one by one.
    public var longTexts = 0
    /// Rows with such texts.
    public var longRows: [Int] = []
    /// How many texts lost their end, because they were longer than one may be.
    public var truncatedTexts = 0
    /// Rows whose texts lost their end.
    public var truncatedRows: [Int] = []
    /// How many rows seem to have the wrong label.
    public var suspectRows = 0
    /// The worst of them.
    public var suspects: [Suspect] = []
    /// For each label, in the order of `labels`, what tells of it most.
    public var ngrams: [[BoundNGram]] = []

    /// Labels with too few rows.
    public var rareLabels: [LabelCount] { labels.filter { $0.rows < DataReport.fewRows } }

    /// How many times as many rows the largest label has as the smallest, rounded to six digits.
    public var imbalanceRatio: Double {
        guard let most = labels.first?.rows, let least = labels.last?.rows, least > 0 else {
            return 1
        }
        return rounded(Double(most) / Double(least))
    }

    /// Writes the report as an object; openapi.yaml describes it.
    public func encode(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("rows", int: rows)
        if let unlabelledRows { writer.member("unlabelled", int: unlabelledRows) }
        if let outOfScopeRows { writer.member("out_of_scope", int: outOfScopeRows) }
        writer.key("labels")
        encode(labels, to: &writer)
        writer.key("rare_labels")
        encode(rareLabels, to: &writer)
        writer.key("similar_labels")
        writer.beginObject()
        writer.member("count", int: similarLabelSets)
        writer.member("sets", array: similarLabels) { set, writer in encode(set, to: &writer) }
        writer.endObject()
        writer.member("imbalance", double: imbalanceRatio)
        encode("duplicates", duplicateRows, duplicates, to: &writer)
        encode("contradictions", contradictoryTexts, contradictions, to: &writer)
        encodeNearDuplicates(to: &writer)
        encode("empty", emptyTexts, emptyRows, to: &writer)
        encode("too_long", longTexts, longRows, to: &writer)
        encode("truncated", truncatedTexts, truncatedRows, to: &writer)
        encodeSuspects(to: &writer)
        encodeNGrams(to: &writer)
        writer.endObject()
    }

    private func encode(_ labels: [LabelCount], to writer: inout JSONWriter) {
        writer.beginArray()
        for label in labels {
            writer.beginObject()
            if let set = LabelSet(stored: label.label) {
                writer.member("labels", array: set.labels) { $1.string($0) }
            } else {
                let isNone = LabelSet.isOutOfScope(label.label)
                writer.member("label", string: isNone ? nil : label.label)
            }
            writer.member("rows", int: label.rows)
            writer.endObject()
        }
        writer.endArray()
    }

    private func encode(
        _ key: String,
        _ count: Int,
        _ texts: [SameText],
        to writer: inout JSONWriter
    ) {
        writer.key(key)
        writer.beginObject()
        writer.member("count", int: count)
        writer.member("texts", objects: texts) { text, writer in
            writer.member("text", string: text.text)
            writer.key("rows")
            writer.ints(text.rows)
            writer.key("labels")
            encode(text.labels, to: &writer)
        }
        writer.endObject()
    }

    private func encode(
        _ key: String,
        _ count: Int,
        _ rows: [Int],
        to writer: inout JSONWriter
    ) {
        writer.key(key)
        writer.beginObject()
        writer.member("count", int: count)
        writer.key("rows")
        writer.ints(rows)
        writer.endObject()
    }

    private func encodeNearDuplicates(to writer: inout JSONWriter) {
        writer.key("near_duplicates")
        writer.beginObject()
        writer.member("count", int: nearDuplicateRows)
        writer.member("pairs", objects: nearDuplicates) { pair, writer in
            writer.key("rows")
            writer.ints([pair.first, pair.second])
            writer.key("texts")
            writer.beginArray()
            writer.string(pair.firstText)
            writer.string(pair.secondText)
            writer.endArray()
            writer.member("similarity", double: pair.similarity)
            writer.member("same_label", bool: pair.hasSameLabel)
        }
        writer.endObject()
    }

    private func encodeSuspects(to writer: inout JSONWriter) {
        writer.key("likely_mislabelled")
        writer.beginObject()
        writer.member("count", int: suspectRows)
        writer.member("rows", objects: suspects) { suspect, writer in
            writer.member("row", int: suspect.row)
            writer.member("text", string: suspect.text)
            writer.member("label", string: suspect.label)
            writer.member("label_score", double: suspect.labelScore)
            writer.member("suggestion", string: suspect.suggestion)
            writer.member("suggestion_score", double: suspect.suggestionScore)
        }
        writer.endObject()
    }

    private func encodeNGrams(to writer: inout JSONWriter) {
        writer.member("ngrams", objects: zip(labels, ngrams)) { pair, writer in
            let (label, ngrams) = pair
            writer.member("label", string: label.label)
            writer.member("ngrams", objects: ngrams) { ngram, writer in
                writer.member("ngram", string: ngram.ngram)
                writer.member("rows", int: ngram.rows)
                writer.member("rows_in_all", int: ngram.rowsInAll)
            }
        }
    }
}
