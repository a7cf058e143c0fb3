package import Examples
package import Store

extension SQLStore {
    package func golden(of model: String) throws(StoreError) -> GoldenCases {
        try read { connection throws(StoreError) in
            // Both queries in one transaction, so that they belong to one state.
            try connection.snapshot { connection throws(StoreError) in
                try self.golden(of: model, connection)
            }
        }
    }

    @discardableResult
    package func setGolden(_ cases: [Example], of model: String) throws(StoreError) -> Int {
        try write(.model(model)) { connection throws(StoreError) in
            let before = try self.golden(of: model, connection)
            if before.cases == cases { return before.revision }
            try self.requireRoom(for: model, connection)
            try connection.run("DELETE FROM golden WHERE model = ?", .text(model))
            try connection.runAll(
                "INSERT INTO golden (model, position, text, label) VALUES (?, ?, ?, ?)",
                cases.enumerated().map { position, example in
                    [
                        .text(model), .integer(position), .text(example.text),
                        .text(example.label),
                    ]
                }
            )
            try connection.run(
                """
                INSERT INTO golden_revisions (model, revision) VALUES (?, 1)
                ON CONFLICT (model) DO UPDATE SET revision = golden_revisions.revision + 1
                """,
                .text(model)
            )
            return before.revision + 1
        }
    }

    func golden(
        of model: String,
        _ connection: Session
    ) throws(StoreError) -> GoldenCases {
        let cases = try connection.rows(
            "SELECT label, text FROM golden WHERE model = ? ORDER BY position",
            .text(model)
        ) { Example(label: $0.text("label"), text: $0.text("text")) }
        return GoldenCases(revision: try goldenRevision(of: model, connection), cases: cases)
    }

    func goldenRevision(
        of model: String,
        _ connection: Session
    ) throws(StoreError) -> Int {
        try connection.row(
            "SELECT revision FROM golden_revisions WHERE model = ?",
            .text(model)
        ) { $0.int("revision") } ?? 0
    }
}
