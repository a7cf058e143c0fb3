internal import Digest
package import Store

extension SQLStore {
    package func addTexts(
        _ texts: [String],
        to model: String,
        atMost limit: Int,
        actor: String?
    ) throws(StoreError) -> TextsChange {
        let now = wallClock()
        let rows: [[SQLValue]] = texts.map { text in
            [
                .text(model), .text(text), .text(SHA256.hexadecimal(of: Array(text.utf8))),
                .text(actor), .integer(now),
            ]
        }
        return try write(.model(model)) { connection throws(StoreError) in
            let before = try self.textCount(of: model, connection)
            // What is there already takes no room, so it is found first.
            var known = 0
            var new: [[SQLValue]] = []
            var seen: Set<String> = []
            for row in rows {
                guard case .text(let digest?) = row[2], seen.insert(digest).inserted else {
                    known += 1
                    continue
                }
                let found = try connection.row(
                    "SELECT 1 AS one FROM texts WHERE model = ? AND digest = ?",
                    .text(model),
                    .text(digest)
                ) { _ in true }
                if found == nil { new.append(row) } else { known += 1 }
            }
            guard before + new.count <= limit else {
                return TextsChange(added: 0, known: known, total: before, isRefused: true)
            }
            try connection.runAll(
                "INSERT INTO texts (model, text, digest, actor, created_at) "
                    + "VALUES (?, ?, ?, ?, ?)",
                new
            )
            return TextsChange(added: new.count, known: known, total: before + new.count)
        }
    }

    package func texts(
        of model: String,
        after: Int,
        limit: Int,
        withoutRow: Bool
    ) throws(StoreError) -> [StoredText] {
        let isNoRow = """
            AND NOT EXISTS (SELECT 1 FROM examples WHERE examples.model = texts.model
                AND examples.text = texts.text AND removed IS NULL)
            """
        return try read { connection throws(StoreError) in
            try connection.rows(
                """
                SELECT id, text, actor, created_at FROM texts
                WHERE model = ? AND id > ? \(withoutRow ? isNoRow : "") ORDER BY id LIMIT ?
                """,
                .text(model),
                .integer(after),
                .integer(limit)
            ) {
                StoredText(
                    id: $0.int("id"),
                    text: $0.text("text"),
                    actor: $0.optionalText("actor"),
                    createdAt: $0.int("created_at")
                )
            }
        }
    }

    package func textCount(of model: String) throws(StoreError) -> Int {
        try read { connection throws(StoreError) in try self.textCount(of: model, connection) }
    }

    @discardableResult
    package func removeTexts(_ ids: [Int]?, of model: String) throws(StoreError) -> Int {
        try write(.model(model)) { connection throws(StoreError) in
            guard let ids else {
                return try connection.run("DELETE FROM texts WHERE model = ?", .text(model))
            }
            return try connection.runAll(
                "DELETE FROM texts WHERE model = ? AND id = ?",
                ids.map { [.text(model), .integer($0)] }
            )
        }
    }

    private func textCount(
        of model: String,
        _ connection: Session
    ) throws(StoreError) -> Int {
        try connection.row("SELECT count(*) AS count FROM texts WHERE model = ?", .text(model)) {
            $0.int("count")
        } ?? 0
    }
}
