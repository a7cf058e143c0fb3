internal import JSON
internal import Model

/// Writes the JSON of `POST /classify`.
struct NativeWriter: ClassificationWriter {
    private let fragments: AnswerFragments
    private let isList: Bool
    private var json: AnswerBytes
    private var isFirst = true

    /// Begins an answer.
    init(_ options: ClassifyRequest.Options, textCount: Int, _ model: ServedModel) {
        fragments = model.fragments
        isList = options.isList
        // About what it takes.
        let result = options.isExplained ? 4096 : 128 + 32 * fragments.labelCount
        json = AnswerBytes(capacity: 64 + fragments.start.count + textCount * result)
        json.append(fragments.start)
        if isList { json.append(#""results":["#) }
    }

    mutating func write(_ classification: borrowing Classification) {
        if isList { json.append(isFirst ? "{" : ",{") }
        isFirst = false
        let score = AnswerBytes.text(classification.score)
        if let answered = classification.answered {
            write(answered: answered)
            json.append(#","scores":{"#)
        } else {
            json.append(fragments.label(classification.best))
            json.append(score)
            json.append(#","scores":{"#)
        }
        let probabilities = classification.probabilities
        if let ranking = classification.ranking {
            writeBest(ranking.map { ($0, AnswerBytes.text(probabilities[$0])) })
        } else {
            for index in probabilities.indices {
                let text = index == classification.best ? score : nil
                write(index, text ?? AnswerBytes.text(probabilities[index]), index == 0)
            }
            json.append("}")
        }
        json.append(#","tokens":"#)
        json.append(classification.tokenCount)
        json.append(#","unknown_words":"#)
        json.append(classification.unknownShare)
        json.append(
            classification.isTruncated ? #","truncated":true"# : #","truncated":false"#
        )
        switch classification.abstention {
        case nil: json.append(#","abstained":false"#)
        case .lowScore: json.append(#","abstained":true"#)
        case .outOfScope: json.append(#","abstained":true,"reason":"none of these""#)
        case .noKnownWords:
            json.append(#","abstained":true,"reason":""#)
            json.append(Prediction.noKnownWords)
            json.append("\"")
        }
        if let certainty = classification.certainty {
            json.append(#","certainty":"#)
            json.append(certainty)
        }
        if let words = classification.explanation { write(words, classification.explainedLabels) }
        if let id = classification.predictionID {
            json.append(#","prediction_id":""#)
            json.append(id)
            json.append("\"")
        }
        if isList { json.append("}") }
    }

    mutating func finish() -> Answer {
        json.append(isList ? "]}" : "}")
        return Answer(contentType: "application/json", body: json.bytes)
    }

    /// Writes the most probable labels first: the rest of `scores`, and `ranking`, whose order
    /// outlives readers that sort the keys of an object.
    private mutating func writeBest(_ best: [(index: Int, score: String)]) {
        for (position, entry) in best.enumerated() {
            write(entry.index, entry.score, position == 0)
        }
        json.append(#"},"ranking":["#)
        for (position, entry) in best.enumerated() {
            json.append(position == 0 ? "{" : ",{")
            json.append(fragments.label(entry.index))
            json.append(entry.score)
            json.append("}")
        }
        json.append("]")
    }

    private mutating func write(_ index: Int, _ probability: String, _ isFirst: Bool) {
        if !isFirst { json.append(",") }
        json.append(fragments.key(index))
        json.append(probability)
    }

    /// Writes the member `labels`.
    private mutating func write(answered: [Int]) {
        json.append(#""labels":["#)
        for (position, index) in answered.enumerated() {
            if position > 0 { json.append(",") }
            json.append(fragments.name(index))
        }
        json.append("]")
    }

    /// Writes what a word did for each of several labels.
    private mutating func write(_ word: Explanation.Word, _ labels: [Int]) {
        json.append(#","labels":{"#)
        for (position, label) in labels.enumerated() {
            if position > 0 { json.append(",") }
            json.append(fragments.key(label))
            json.append(#"{"evidence":"#)
            json.append(word.byLabel[position].evidence)
            json.append(#","trajectory":"#)
            json.append(word.byLabel[position].trajectory)
            json.append("}")
        }
        json.append("}")
    }

    /// Writes the member `explanation`.
    private mutating func write(_ words: [Explanation.Word], _ labels: [Int]) {
        json.append(#","explanation":["#)
        for (index, word) in words.enumerated() {
            var token = JSONWriter()
            token.string(word.token)
            json.append(index == 0 ? #"{"token":"# : #",{"token":"#)
            json.append(token.finish())
            json.append(#","evidence":"#)
            json.append(word.evidence)
            json.append(#","trajectory":"#)
            json.append(word.trajectory)
            json.append(word.isKnown ? #","known":true"# : #","known":false"#)
            if !labels.isEmpty { write(word, labels) }
            json.append("}")
        }
        json.append("]")
    }
}
