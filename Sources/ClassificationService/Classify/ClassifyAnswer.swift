internal import HTTPServer
internal import JSON
internal import Model

extension ServedModel {
    /// Classifies what was asked for and writes the answer.
    func answer(_ request: ClassifyRequest) -> [UInt8] {
        switch request.input {
        case .one(let text): answer(text.utf8 ?? noBytes, topK: request.topK)
        case .several(let texts):
            withScratch { scratch in
                var json = JSONWriter(capacity: 64 + texts.count * (128 + 32 * labelCount))
                json.beginObject()
                writeName(&json)
                json.key("results")
                json.beginArray()
                for text in texts.elements {
                    json.beginObject()
                    write(text.utf8 ?? noBytes, topK: request.topK, scratch, &json)
                    json.endObject()
                }
                json.endArray()
                json.endObject()
                return json.finish()
            }
        }
    }

    /// Classifies one text and writes the answer.
    func answer(_ text: UnsafeBufferPointer<UInt8>, topK: Int?) -> [UInt8] {
        withScratch { scratch in
            var json = JSONWriter(capacity: 192 + 32 * labelCount)
            json.beginObject()
            writeName(&json)
            write(text, topK: topK, scratch, &json)
            json.endObject()
            return json.finish()
        }
    }

    private var labelCount: Int { classifier.labels.count }

    private func writeName(_ json: inout JSONWriter) {
        json.key("model")
        json.string(name)
        json.key("version")
        json.int(version)
    }

    /// Classifies one text and writes the members of its result.
    private func write(
        _ text: UnsafeBufferPointer<UInt8>,
        topK: Int?,
        _ scratch: ClassifierScratch,
        _ json: inout JSONWriter
    ) {
        let prediction = classifier.classify(utf8: text, scratch: scratch)
        metrics.count(label: prediction.labelIndex)
        metrics.shared.count(
            tokens: prediction.tokenCount,
            unknown: prediction.unknownCount,
            isTruncated: prediction.isTruncated
        )
        json.key("label")
        json.string(classifier.labels[prediction.labelIndex])
        json.key("score")
        json.float(prediction.score)
        json.key("scores")
        json.beginObject()
        let probabilities = scratch.probabilities
        if let topK, topK < labelCount {
            let best = probabilities.indices.sorted {
                (probabilities[$1], $0) < (probabilities[$0], $1)
            }
            for index in best.prefix(topK) { writeScore(index, probabilities, &json) }
        } else {
            for index in probabilities.indices { writeScore(index, probabilities, &json) }
        }
        json.endObject()
        json.key("tokens")
        json.int(prediction.tokenCount)
        json.key("unknown_words")
        let share = Float(prediction.unknownCount) / Float(max(prediction.tokenCount, 1))
        json.float(share)
        json.key("truncated")
        json.bool(prediction.isTruncated)
    }

    private func writeScore(
        _ index: Int,
        _ probabilities: UnsafeBufferPointer<Float>,
        _ json: inout JSONWriter
    ) {
        json.key(classifier.labels[index])
        json.float(probabilities[index])
    }
}

private var noBytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: nil, count: 0) }
