internal import JSON
internal import Model

extension ServedModel {
    /// Classifies what was asked for and writes the answer.
    func answer(_ request: ClassifyRequest) -> [UInt8] {
        switch request.input {
        case .one(let text): answer(text.utf8 ?? noBytes, topK: request.topK)
        case .several(let texts):
            withScratch { scratch in
                var answer = AnswerBytes(capacity: 64 + texts.count * resultCapacity)
                answer.append(fragments.start)
                answer.append(#""results":["#)
                var isFirst = true
                for text in texts.elements {
                    answer.append(isFirst ? "{" : ",{")
                    isFirst = false
                    write(text.utf8 ?? noBytes, topK: request.topK, scratch, &answer)
                    answer.append("}")
                }
                answer.append("]}")
                return answer.bytes
            }
        }
    }

    /// Classifies one text and writes the answer.
    func answer(_ text: UnsafeBufferPointer<UInt8>, topK: Int?) -> [UInt8] {
        withScratch { scratch in
            var answer = AnswerBytes(capacity: 64 + fragments.start.count + resultCapacity)
            answer.append(fragments.start)
            write(text, topK: topK, scratch, &answer)
            answer.append("}")
            return answer.bytes
        }
    }

    /// About what a result takes.
    private var resultCapacity: Int { 96 + 32 * fragments.keys.count }

    /// Classifies one text and writes the members of its result.
    private func write(
        _ text: UnsafeBufferPointer<UInt8>,
        topK: Int?,
        _ scratch: ClassifierScratch,
        _ answer: inout AnswerBytes
    ) {
        let prediction = classifier.classify(utf8: text, scratch: scratch)
        metrics.count(label: prediction.labelIndex)
        metrics.shared.count(
            tokens: prediction.tokenCount,
            unknown: prediction.unknownCount,
            isTruncated: prediction.isTruncated
        )
        answer.append(fragments.labels[prediction.labelIndex])
        answer.append(prediction.score)
        answer.append(#","scores":{"#)
        let probabilities = scratch.probabilities
        if let topK, topK < probabilities.count {
            let best = probabilities.indices.sorted {
                (probabilities[$1], $0) < (probabilities[$0], $1)
            }
            for (position, index) in best.prefix(topK).enumerated() {
                write(index, probabilities, isFirst: position == 0, &answer)
            }
        } else {
            for index in probabilities.indices {
                write(index, probabilities, isFirst: index == 0, &answer)
            }
        }
        answer.append(#"},"tokens":"#)
        answer.append(prediction.tokenCount)
        answer.append(#","unknown_words":"#)
        answer.append(Float(prediction.unknownCount) / Float(max(prediction.tokenCount, 1)))
        answer.append(prediction.isTruncated ? #","truncated":true"# : #","truncated":false"#)
    }

    private func write(
        _ index: Int,
        _ probabilities: UnsafeBufferPointer<Float>,
        isFirst: Bool,
        _ answer: inout AnswerBytes
    ) {
        if !isFirst { answer.append(",") }
        answer.append(fragments.keys[index])
        answer.append(probabilities[index])
    }
}

private var noBytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: nil, count: 0) }
