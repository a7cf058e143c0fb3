internal import Evaluation
internal import Model
internal import Store

/// Which texts without labels would help most if somebody labelled them.
struct TextRanking {
    /// An order of texts.
    enum Order: String, CaseIterable {
        /// As they came.
        case oldest
        /// Those whose two best labels are closest; of several labels a text, one is closest to its
        /// threshold.
        case uncertain
        /// Uncertain ones that are far from each other.
        case diverse
    }

    /// A text with what the live version says of it.
    struct Ranked {
        let text: StoredText
        /// A label, or what stands for a set of labels.
        let label: String
        let score: Float
        /// How much less likely the second label is, or how far the closest threshold.
        let margin: Float
        fileprivate let representation: [Float]
    }

    let model: ServedModel

    /// Of so many uncertain texts for each that is asked for, diverse ones are chosen.
    private static let candidatesForEach = 10

    /// The texts that come first.
    ///
    /// - Complexity: that of a classification a text; diverse ones take O(10 · limit²) more.
    func first(_ limit: Int, of texts: [StoredText], _ order: Order) -> [Ranked] {
        let ranked = texts.map { read($0, represents: order == .diverse) }
            .sorted { ($0.margin, $0.text.id) < ($1.margin, $1.text.id) }
        guard order == .diverse else { return Array(ranked.prefix(limit)) }
        return spread(Array(ranked.prefix(limit * Self.candidatesForEach)), limit)
    }

    private func read(_ stored: StoredText, represents: Bool) -> Ranked {
        var text = stored.text
        let classifier = model.classifier
        return model.withScratch { scratch in
            text.withUTF8 { utf8 in
                model.withReading(of: utf8) { utf8, _ in
                    let representation =
                        represents ? classifier.representation(utf8: utf8, scratch: scratch) : []
                    let answer = classifier.classify(utf8: utf8, scratch: scratch)
                    let probabilities = scratch.probabilities
                    let isMulti = classifier.output == .multi
                    let stated = isMulti ? classifier.stated(probabilities) : nil
                    return Ranked(
                        text: stored,
                        label: stated?.label ?? classifier.labels[answer.labelIndex],
                        score: stated?.score ?? answer.score,
                        margin: model.margin(answer, probabilities),
                        representation: representation
                    )
                }
            }
        }
    }

    /// The most uncertain text, then always the one that is furthest from those chosen (Gonzalez
    /// 1985, the greedy k-centre).
    private func spread(_ candidates: [Ranked], _ limit: Int) -> [Ranked] {
        guard let first = candidates.first else { return [] }
        var chosen = [first]
        var distances = candidates.map { Self.distance($0, first) }
        while chosen.count < min(limit, candidates.count) {
            var next = 0
            for place in distances.indices where distances[place] > distances[next] { next = place }
            // Like texts are left: in the order of their margins.
            if distances[next] <= 0 {
                let known = Set(chosen.map(\.text.id))
                let rest = candidates.filter { !known.contains($0.text.id) }
                return chosen + rest.prefix(limit - chosen.count)
            }
            let found = candidates[next]
            chosen.append(found)
            for place in distances.indices {
                distances[place] = min(distances[place], Self.distance(candidates[place], found))
            }
        }
        return chosen
    }

    private static func distance(_ one: Ranked, _ other: Ranked) -> Float {
        var sum: Float = 0
        for (left, right) in zip(one.representation, other.representation) {
            sum += (left - right) * (left - right)
        }
        return sum
    }
}
