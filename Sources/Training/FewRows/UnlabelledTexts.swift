internal import Evaluation
internal import Examples
internal import Model

/// The texts without labels of a plan that are looked at: each once, none that a row has, and none
/// of which is known that it has none of the labels.
struct UnlabelledTexts {
    private(set) var texts: [String] = []

    /// So many are enough, and more would take long.
    static let most = 20_000

    init(_ plan: TrainingPlan) {
        guard !plan.unlabelled.isEmpty else { return }
        var seen = Set(plan.rows.all.examples.lazy.map(\.text))
        seen.formUnion(plan.rows.outOfScope)
        seen.formUnion(plan.rows.testOutOfScope)
        for text in plan.unlabelled where texts.count < UnlabelledTexts.most {
            if seen.insert(text).inserted { texts.append(text) }
        }
    }

    /// The rows' texts with these behind them.
    func joined(to rows: TokenizedTexts) -> TokenizedTexts {
        guard !texts.isEmpty else { return rows }
        let own = TokenizedTexts(texts, tokenizer: rows.tokenizer)
        return TokenizedTexts(
            joining: [(rows, Array(0..<rows.count)), (own, Array(0..<own.count))]
        )
    }
}
