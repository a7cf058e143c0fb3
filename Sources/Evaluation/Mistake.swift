internal import Examples
public import JSON

/// A row that got another label than its own, for people to look at.
public struct Mistake: Sendable, Equatable {
    /// The text, shortened to `longestText` code points.
    public let text: String
    /// The label that it has.
    public let label: String
    /// The label that it got.
    public let answer: String
    /// The probability of that label, from 0 to 1.
    public let score: Double

    /// How many are listed unless another number is asked for.
    public static let listed = 20
    /// How many may be asked for.
    public static let allowedCounts = 0...1000
    /// The most code points of a text that are shown; the last is an ellipsis if some are missing.
    public static let longestText = 300

    /// Describes an answer.
    init(_ answer: AnsweredExample) {
        text = Mistake.shortened(answer.text, to: Mistake.longestText)
        label = answer.truth
        self.answer = answer.label
        score = answer.score
    }

    /// The wrong ones among these answers, the surest first; of equal scores the earlier.
    ///
    /// - Parameters:
    ///   - answers: what was said of rows that it had not learnt.
    ///   - count: how many at most.
    /// - Returns: The mistakes.
    public static func surest(
        of answers: some Sequence<AnsweredExample>,
        count: Int = Mistake.listed
    ) -> [Mistake] {
        // Sorting is stable.
        answers.filter { $0.label != $0.truth }.sorted { $0.score > $1.score }.prefix(count)
            .map(Mistake.init)
    }

    /// At most `length` code points; the last is an ellipsis if some are missing.
    package static func shortened(_ text: String, to length: Int) -> String {
        let scalars = text.unicodeScalars
        return scalars.count <= length ? text : String(scalars.prefix(length - 1)) + "…"
    }

    /// Writes an object: `text`, `label`, `answer` and `score`; where texts may have several labels
    /// `labels` and `answers` instead of `label` and `answer`.
    public func encode(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("text", string: text)
        if let labels = LabelSet(stored: label) {
            writer.member("labels", array: labels.labels) { $1.string($0) }
            writer.member("answers", array: LabelSet.of(answer).labels) { $1.string($0) }
        } else {
            writer.member("label", string: label)
            writer.member("answer", string: answer)
        }
        writer.member("score", double: score)
        writer.endObject()
    }
}

/// How many rows of one label got a certain other one.
public struct Confusion: Sendable, Equatable {
    /// The label that they have.
    public let label: String
    /// The label that they got.
    public let answer: String
    /// Their number.
    public let rows: Int

    /// How many are listed.
    public static let listed = 20

    /// Writes an object: `label`, `answer` and `rows`.
    public func encode(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("label", string: label)
        writer.member("answer", string: answer)
        writer.member("rows", int: rows)
        writer.endObject()
    }
}

extension Evaluation {
    /// Which labels are taken for which, the most rows first, then in the order of the labels; the
    /// first `Confusion.listed`.
    public var topConfusions: [Confusion] {
        var confusions: [Confusion] = []
        for (pair, count) in sets?.mixUps ?? [:] {
            confusions.append(
                Confusion(label: labels[pair.missing], answer: labels[pair.extra], rows: count)
            )
        }
        confusions.sort { ($0.label, $0.answer) < ($1.label, $1.answer) }
        for (actual, row) in confusion.enumerated() {
            for (predicted, count) in row.enumerated() where actual != predicted && count > 0 {
                confusions.append(
                    Confusion(label: labels[actual], answer: labels[predicted], rows: count)
                )
            }
        }
        // Sorting is stable.
        return Array(confusions.sorted { $0.rows > $1.rows }.prefix(Confusion.listed))
    }

    /// Writes `top_confusions` and `mistakes` into an object that is open.
    public func encodeMistakes(to writer: inout JSONWriter) {
        writer.member("top_confusions", array: topConfusions) { $0.encode(to: &$1) }
        writer.member("mistakes", array: mistakes ?? []) { $0.encode(to: &$1) }
    }
}
