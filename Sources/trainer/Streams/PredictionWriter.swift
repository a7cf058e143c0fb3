internal import Examples
internal import JSON
internal import Model
internal import TextForm

/// Classifies lines and writes the answers, one a line.
struct PredictionWriter {
    /// How an answer is written.
    enum Form {
        /// The label, a tab and its probability.
        case plain
        case json
        /// As `fasttext predict-prob` does: so many of the best labels, each with its probability
        /// behind it; nil for those that the model answers with.
        case fastText(count: Int?)
    }

    /// What an answer needs in order to stand.
    enum Least {
        case score(Float)
        /// That the text has one of the labels at all.
        case certainty(Float)
    }

    private let classifier: TextClassifier
    private let scratch: ClassifierScratch
    private let form: Form
    /// Below what an answer abstains.
    private let least: Least?
    private let rule = ExampleRules().text
    /// Labels for the plain form, in which a tab or line end would break the line.
    private let plainLabels: [[UInt8]]
    /// Labels as fastText writes them, without white space.
    private let prefixedLabels: [[UInt8]]

    init(
        _ classifier: TextClassifier,
        _ form: Form,
        _ least: Least? = nil
    ) {
        self.least = least
        self.classifier = classifier
        self.form = form
        prefixedLabels = classifier.labels.map { label in
            Array(("__label__" + label.map { $0.isWhitespace ? "_" : String($0) }.joined()).utf8)
        }
        scratch = classifier.makeScratch()
        plainLabels = classifier.labels.map { label in
            label.utf8.map { $0 < 0x20 ? UInt8(ascii: " ") : $0 }
        }
    }

    /// Appends the answer to one text.
    func append(_ text: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) {
        var prediction: Prediction
        if text.count > rule.maximumBytes {
            var kept = rule.form(of: String(decoding: text, as: UTF8.self))
            prediction = kept.text.withUTF8 { classifier.classify(utf8: $0, scratch: scratch) }
            prediction.isTruncated = prediction.isTruncated || kept.isTruncated
        } else {
            prediction = classifier.classify(utf8: text, scratch: scratch)
        }
        switch form {
        case .plain: appendPlain(prediction, to: &output)
        case .json: appendJSON(prediction, to: &output)
        case .fastText(let count): appendFastText(prediction, count, to: &output)
        }
        output.append(UInt8(ascii: "\n"))
    }

    /// The label, a tab and its probability; where texts may have several, these pairs one after
    /// the other, or nothing.
    private func appendPlain(_ prediction: Prediction, to output: inout [UInt8]) {
        let probabilities = scratch.probabilities
        for (place, label) in answered(prediction).enumerated() {
            if place > 0 { output.append(UInt8(ascii: "\t")) }
            output += plainLabels[label]
            output.append(UInt8(ascii: "\t"))
            output += probabilities[label].description.utf8
        }
    }

    /// The labels that a text gets, and are not held back.
    private func answered(_ prediction: Prediction) -> [Int] {
        let probabilities = scratch.probabilities
        guard classifier.output == .multi else {
            return isUnsure(prediction) ? [] : [prediction.labelIndex]
        }
        return classifier.answered(probabilities).filter {
            if case .score(let score) = least { probabilities[$0] >= score } else { true }
        }
    }

    /// Whether an answer is less sure than what was asked for.
    private func isUnsure(_ prediction: Prediction) -> Bool {
        switch least {
        case nil: false
        case .score(let score): prediction.score < score
        case .certainty(let least):
            classifier.certainty(of: prediction, scratch.probabilities) < least
        }
    }

    private func appendFastText(
        _ prediction: Prediction,
        _ count: Int?,
        to output: inout [UInt8]
    ) {
        let probabilities = scratch.probabilities
        let answered: [Int]
        if let count {
            // Of equals the first, as everywhere.
            answered = Array(
                probabilities.indices.sorted {
                    (probabilities[$1], $0) < (probabilities[$0], $1)
                }.prefix(count)
            )
        } else {
            answered = self.answered(prediction)
        }
        for (place, label) in answered.enumerated() {
            if place > 0 { output.append(UInt8(ascii: " ")) }
            output += prefixedLabels[label]
            output.append(UInt8(ascii: " "))
            output += probabilities[label].description.utf8
        }
    }

    private func appendJSON(_ prediction: Prediction, to output: inout [UInt8]) {
        var writer = JSONWriter()
        writer.beginObject()
        if classifier.output == .multi {
            writer.member("labels", array: answered(prediction)) {
                $1.string(classifier.labels[$0])
            }
        } else {
            writer.member("label", string: classifier.labels[prediction.labelIndex])
            writer.member("score", float: prediction.score)
        }
        writer.key("scores")
        writer.beginObject()
        for (label, probability) in zip(classifier.labels, scratch.probabilities) {
            writer.key(label)
            writer.float(probability)
        }
        writer.endObject()
        writer.member("tokens", int: prediction.tokenCount)
        writer.member(
            "unknown_words",
            float: Float(prediction.unknownCount) / Float(max(prediction.tokenCount, 1))
        )
        writer.member("truncated", bool: prediction.isTruncated)
        writer.member("abstained", bool: !prediction.isKnown || isUnsure(prediction))
        if !prediction.isKnown {
            writer.member("reason", string: "\(Prediction.noKnownWords)")
        } else if case .certainty = least, isUnsure(prediction) {
            writer.member("reason", string: "none of these")
        }
        writer.endObject()
        output += writer.finish()
    }
}
