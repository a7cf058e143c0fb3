internal import JSON

extension HTML {
    /// Writes how a version answered in shadow, if it ever did.
    mutating func shadow(_ shadow: JSONValue?) {
        guard let shadow, let total = shadow["total"]?.int, let live = shadow["live_version"]?.int
        else { return }
        markup("<section>")
        element("h2", "In shadow of version \(live)")
        let disagreed = shadow["disagreed"]?.int ?? 0
        let dropped = shadow["dropped"]?.int ?? 0
        element(
            "p",
            "Of \(total) texts it answered \(disagreed) otherwise. "
                + "\(dropped) more found it busy, and it was not asked."
        )
        let pairs = shadow["pairs"]?.elements.map { pair in
            [answer(pair["live"]), answer(pair["shadow"]), "\(pair["texts"]?.int ?? 0)"]
        }
        if let pairs, !pairs.isEmpty {
            table(["version \(live)", "in shadow", "texts"], pairs, numbersFrom: 2)
        }
        if let examples = shadow["examples"], examples.kind == .array, examples.count > 0 {
            table(
                ["text", "version \(live)", "in shadow"],
                examples.elements.map { example in
                    [
                        HTML.shortened(example["text"]?.string ?? "", to: 300),
                        answer(example["live"]), answer(example["shadow"]),
                    ]
                }
            )
        }
        markup("</section>")
    }

    private func answer(_ answer: JSONValue?) -> String {
        guard let answer, answer["abstained"]?.bool == false else { return "(abstains)" }
        return answer.labels("label")
    }
}
