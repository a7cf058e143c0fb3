package import Store

extension SQLStore {
    package func remember(
        _ predictions: [StoredPrediction],
        atMost limit: Int
    ) throws(StoreError) {
        let rows: [[SQLValue]] = predictions.map { prediction in
            [
                .text(prediction.id), .text(prediction.model), .integer(prediction.version),
                .text(prediction.text), .text(prediction.label), .real(prediction.score),
                .real(prediction.margin), .integer(prediction.createdAt),
            ]
        }
        try write(.predictions, isDurable: false) { connection throws(StoreError) in
            try connection.runAll(
                """
                INSERT INTO predictions
                    (id, model, version, text, label, score, margin, created_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING
                """,
                rows
            )
            _ = try connection.run(
                """
                DELETE FROM predictions
                WHERE sequence <= (SELECT max(sequence) FROM predictions) - ?
                """,
                .integer(limit)
            )
        }
    }

    package func prediction(_ id: String) throws(StoreError) -> StoredPrediction? {
        try read { connection throws(StoreError) in
            try connection.row(
                "SELECT \(predictionColumns) FROM predictions WHERE id = ?",
                .text(id)
            ) { StoredPrediction($0) }
        }
    }

    package func predictions(
        _ order: PredictionOrder,
        of models: [String]?,
        limit: Int
    ) throws(StoreError) -> [StoredPrediction] {
        let places = models.map { $0.map { _ in "?" }.joined(separator: ", ") }
        // No model at all: `IN ()` is not SQL everywhere.
        if places?.isEmpty == true { return [] }
        let condition = places.map { "AND model IN (\($0)) " } ?? ""
        let key =
            switch order {
            case .uncertain: "score"
            case .margin: "margin"
            case .random: "random()"
            }
        // Numbers first: a sort carries no texts. Of equals the newest.
        let sql = """
            SELECT \(predictionColumns) FROM predictions JOIN
                (SELECT sequence AS found, \(key) AS rank FROM predictions
                WHERE is_reviewed = 0 \(condition)ORDER BY rank, found DESC LIMIT ?) AS chosen
            ON sequence = found ORDER BY rank, found DESC
            """
        let values = (models ?? []).map { SQLValue.text($0) } + [.integer(limit)]
        return try read { connection throws(StoreError) in
            try connection.allRows(sql, [values]) { StoredPrediction($0) }
        }
    }

    package func setReviewed(prediction id: String) throws(StoreError) {
        try write(.predictions) { connection throws(StoreError) in
            _ = try connection.run(
                "UPDATE predictions SET is_reviewed = 1 WHERE id = ?",
                .text(id)
            )
        }
    }

    @discardableResult
    package func forgetPrediction(_ id: String) throws(StoreError) -> Bool {
        try write(.predictions) { connection throws(StoreError) in
            try connection.run("DELETE FROM predictions WHERE id = ?", .text(id)) > 0
        }
    }

    package func forgetAllPredictions() throws(StoreError) {
        let isEmpty = try read { connection throws(StoreError) in
            try connection.row("SELECT 1 AS one FROM predictions LIMIT 1") { _ in true } == nil
        }
        if isEmpty { return }
        try write(.predictions) { connection throws(StoreError) in
            _ = try connection.run("DELETE FROM predictions")
        }
    }
}

private let predictionColumns = "id, model, version, text, label, score, margin, created_at"

extension StoredPrediction {
    fileprivate init(_ row: some SQLRow) {
        self.init(
            id: row.text("id"),
            model: row.text("model"),
            version: row.int("version"),
            text: row.text("text"),
            label: row.text("label"),
            score: row.double("score"),
            margin: row.double("margin"),
            createdAt: row.int("created_at")
        )
    }
}
