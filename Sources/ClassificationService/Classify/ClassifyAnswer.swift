internal import JSON
internal import Model

extension ServedModel {
    /// Classifies what was asked for and writes the answer.
    func answer(_ request: ClassifyRequest) -> [UInt8] {
        switch request.input {
        case .one(let text):
            answer(
                text.utf8 ?? noBytes,
                topK: request.topK,
                minimumConfidence: request.minimumConfidence
            )
        case .several(let texts):
            withScratch { scratch in
                var answer = AnswerBytes(capacity: 64 + texts.count * resultCapacity)
                answer.append(fragments.start)
                answer.append(#""results":["#)
                var isFirst = true
                for text in texts.elements {
                    answer.append(isFirst ? "{" : ",{")
                    isFirst = false
                    withReading(of: text.utf8 ?? noBytes) { utf8, isTruncated in
                        write(
                            classifier.classify(utf8: utf8, scratch: scratch),
                            isTruncated: isTruncated,
                            topK: request.topK,
                            minimumConfidence: request.minimumConfidence,
                            scratch,
                            &answer
                        )
                        remember(utf8, &answer)
                    }
                    answer.append("}")
                }
                answer.append("]}")
                return answer.bytes
            }
        }
    }

    /// Classifies one text and writes the answer.
    func answer(
        _ text: UnsafeBufferPointer<UInt8>,
        topK: Int? = nil,
        minimumConfidence: Float = 0
    ) -> [UInt8] {
        withScratch { scratch in
            var answer = AnswerBytes(capacity: 64 + fragments.start.count + resultCapacity)
            answer.append(fragments.start)
            withReading(of: text) { utf8, isTruncated in
                write(
                    classifier.classify(utf8: utf8, scratch: scratch),
                    isTruncated: isTruncated,
                    topK: topK,
                    minimumConfidence: minimumConfidence,
                    scratch,
                    &answer
                )
                remember(utf8, &answer)
            }
            answer.append("}")
            return answer.bytes
        }
    }

    /// About what a result takes.
    var resultCapacity: Int { 128 + 32 * fragments.keys.count }

    /// Counts a prediction, whose probabilities are in the scratch, and writes the members of its
    /// result.
    func write(
        _ prediction: Prediction,
        isTruncated: Bool,
        topK: Int?,
        minimumConfidence: Float,
        _ scratch: ClassifierScratch,
        _ answer: inout AnswerBytes
    ) {
        let isTruncated = isTruncated || prediction.isTruncated
        metrics.count(label: prediction.labelIndex)
        metrics.shared.count(
            tokens: prediction.tokenCount,
            unknown: prediction.unknownCount,
            isTruncated: isTruncated
        )
        answer.append(fragments.labels[prediction.labelIndex])
        let score = AnswerBytes.text(prediction.score)
        answer.append(score)
        answer.append(#","scores":{"#)
        let probabilities = scratch.probabilities
        if let topK {
            writeBest(topK, of: probabilities, &answer)
        } else {
            for index in probabilities.indices {
                let text = index == prediction.labelIndex ? score : nil
                write(index, text ?? AnswerBytes.text(probabilities[index]), index == 0, &answer)
            }
            answer.append("}")
        }
        answer.append(#","tokens":"#)
        answer.append(prediction.tokenCount)
        answer.append(#","unknown_words":"#)
        answer.append(Float(prediction.unknownCount) / Float(max(prediction.tokenCount, 1)))
        answer.append(isTruncated ? #","truncated":true"# : #","truncated":false"#)
        if !prediction.isKnown {
            metrics.countAbstained()
            answer.append(#","abstained":true,"reason":""#)
            answer.append(Prediction.noKnownWords)
            answer.append("\"")
        } else if prediction.score < minimumConfidence {
            metrics.countAbstained()
            answer.append(#","abstained":true"#)
        } else {
            answer.append(#","abstained":false"#)
        }
    }

    /// Writes the most probable labels first: the rest of `scores`, and `ranking`, whose order
    /// outlives readers that sort the keys of an object.
    private func writeBest(
        _ count: Int,
        of probabilities: UnsafeBufferPointer<Float>,
        _ answer: inout AnswerBytes
    ) {
        let best = probabilities.indices.sorted {
            (probabilities[$1], $0) < (probabilities[$0], $1)
        }.prefix(count).map { (index: $0, score: AnswerBytes.text(probabilities[$0])) }
        for (position, entry) in best.enumerated() {
            write(entry.index, entry.score, position == 0, &answer)
        }
        answer.append(#"},"ranking":["#)
        for (position, entry) in best.enumerated() {
            answer.append(position == 0 ? "{" : ",{")
            answer.append(fragments.labels[entry.index])
            answer.append(entry.score)
            answer.append("}")
        }
        answer.append("]")
    }

    /// Takes note of what was asked, where the operator wants that, and writes how to name it.
    func remember(_ text: UnsafeBufferPointer<UInt8>, _ answer: inout AnswerBytes) {
        guard let memory else { return }
        answer.append(#","prediction_id":""#)
        answer.append(Array(memory.remember(text, model: name).utf8))
        answer.append("\"")
    }

    private func write(
        _ index: Int,
        _ probability: String,
        _ isFirst: Bool,
        _ answer: inout AnswerBytes
    ) {
        if !isFirst { answer.append(",") }
        answer.append(fragments.keys[index])
        answer.append(probability)
    }
}

var noBytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: nil, count: 0) }
