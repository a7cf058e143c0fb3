internal import JSON
internal import Model

extension ServedModel {
    /// Classifies and explains what was asked for and writes the answer.
    ///
    /// - Parameters:
    ///   - request: what was asked for, checked.
    ///   - isCancelled: asked before each word; whether the answer is no longer wanted.
    /// - Returns: the answer, or nil if it is not wanted.
    /// - Complexity: that of `2 · tokens + 1` classifications for each text.
    func explainedAnswer(_ request: ClassifyRequest, isCancelled: () -> Bool) -> [UInt8]? {
        withScratch { scratch in
            var answer = AnswerBytes(capacity: 4096)
            func write(_ text: JSONValue) -> Bool {
                withReading(of: text.utf8 ?? noBytes) { utf8, isTruncated in
                    let explanation = classifier.explain(
                        utf8: utf8,
                        scratch: scratch,
                        isCancelled: isCancelled
                    )
                    guard let explanation else { return false }
                    self.write(
                        explanation.prediction,
                        isTruncated: isTruncated,
                        topK: request.topK,
                        minimumConfidence: request.minimumConfidence,
                        scratch,
                        &answer
                    )
                    answer.append(explanation.words)
                    remember(utf8, &answer)
                    return true
                }
            }
            answer.append(fragments.start)
            switch request.input {
            case .one(let text):
                guard write(text) else { return nil }
            case .several(let texts):
                answer.append(#""results":["#)
                var isFirst = true
                for text in texts.elements {
                    answer.append(isFirst ? "{" : ",{")
                    isFirst = false
                    guard write(text) else { return nil }
                    answer.append("}")
                }
                answer.append("]")
            }
            answer.append("}")
            return answer.bytes
        }
    }
}

extension AnswerBytes {
    /// Writes the member `explanation`.
    fileprivate mutating func append(_ words: [Explanation.Word]) {
        append(#","explanation":["#)
        for (index, word) in words.enumerated() {
            var token = JSONWriter()
            token.string(word.token)
            append(index == 0 ? #"{"token":"# : #",{"token":"#)
            append(token.finish())
            append(#","evidence":"#)
            append(word.evidence)
            append(#","trajectory":"#)
            append(word.trajectory)
            append("}")
        }
        append("]")
    }
}
