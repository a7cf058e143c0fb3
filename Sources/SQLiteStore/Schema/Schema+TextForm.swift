private import Examples
internal import SQLStore
internal import Store
private import TextForm

extension Schema {
    /// The first schema whose texts and labels all have the form that `TextForm` gives them.
    static let firstWithTextForm = 3

    /// Gives the rows and golden cases of an older store the form that they would get today, so
    /// that look-ups find them.
    ///
    /// A label that no label may be any more stays as it is: training names it.
    static func giveTextForm(_ connection: SQLConnection) throws(StoreError) {
        // ASCII has the form; the labels of older stores were trimmed of ASCII white space.
        let isNotASCII = "length(CAST(label || text AS BLOB)) <> length(label || text)"
        let rows = try connection.rows(
            "SELECT id, label, text FROM examples WHERE \(isNotASCII)"
        ) { (id: $0.int("id"), label: $0.text("label"), text: $0.text("text")) }
        for row in rows {
            guard let kept = kept(row.label, row.text) else { continue }
            try connection.run(
                "UPDATE examples SET label = ?, text = ? WHERE id = ?",
                .text(kept.label),
                .text(kept.text),
                .integer(row.id)
            )
        }
        let cases = try connection.rows(
            "SELECT model, position, label, text FROM golden WHERE \(isNotASCII)"
        ) {
            (
                model: $0.text("model"), position: $0.int("position"), label: $0.text("label"),
                text: $0.text("text")
            )
        }
        for row in cases {
            guard let kept = kept(row.label, row.text) else { continue }
            try connection.run(
                "UPDATE golden SET label = ?, text = ? WHERE model = ? AND position = ?",
                .text(kept.label),
                .text(kept.text),
                .text(row.model),
                .integer(row.position)
            )
        }
    }

    /// What is kept of a label and a text; nil if that is what they are.
    private static func kept(_ label: String, _ text: String) -> Example? {
        let kept = Example(label: (try? LabelRule().label(label)) ?? label, text: text)
        // By bytes: to `==` all forms of a text are equal.
        let isSame =
            kept.label.utf8.elementsEqual(label.utf8) && kept.text.utf8.elementsEqual(text.utf8)
        return isSame ? nil : kept
    }
}
