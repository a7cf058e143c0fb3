internal import Examples
package import Store

extension SQLStore {
    package func follow(
        _ change: AnnotationChange,
        maximumRows: Int
    ) throws(StoreError) -> FollowedAnnotations {
        try write(.model(change.model)) { connection throws(StoreError) in
            let gone = try self.gone(with: change, connection)
            if !change.kept.isEmpty { try self.requireRoom(for: change.model, connection) }
            let (revision, done) = try self.change(
                change.model,
                by: change.actor,
                connection
            ) { revision throws(StoreError) in
                let freed = try self.forget(gone, of: change.model, connection)
                try self.keep(change.kept, of: change.model, in: revision, connection)
                return try self.bring(change, freed: freed, in: revision, connection)
            }
            let count = try self.rowCount(of: change.model, connection)
            guard count <= maximumRows else { throw .dataSetFull(limit: maximumRows) }
            let lastJob = try self.lastJob(of: change.model, connection)
            return FollowedAnnotations(
                change: done,
                revision: revision,
                rowCount: count,
                untrainedCount: try self.annotatedRows(
                    of: change.model,
                    since: lastJob,
                    connection
                ),
                lastJob: lastJob
            )
        }
    }

    /// The annotations that there are no longer, or of which something else is said now.
    private func gone(
        with change: AnnotationChange,
        _ connection: Session
    ) throws(StoreError) -> [AnnotationID] {
        let ofTasks = try connection.allRows(
            "SELECT project, id FROM annotations WHERE model = ? AND project = ? AND task = ?",
            change.removedTasks.map {
                [.text(change.model), .integer($0.project), .integer($0.task)]
            }
        ) { AnnotationID(project: $0.int("project"), annotation: $0.int("id")) }
        return change.removed + ofTasks + change.kept.map(\.id)
    }

    /// Forgets annotations; returns the texts that they were about.
    private func forget(
        _ annotations: [AnnotationID],
        of model: String,
        _ connection: Session
    ) throws(StoreError) -> Set<String> {
        let keys: [[SQLValue]] = annotations.map {
            [.text(model), .integer($0.project), .integer($0.annotation)]
        }
        let key = "model = ? AND project = ? AND id = ?"
        let texts = try connection.allRows("SELECT text FROM annotations WHERE \(key)", keys) {
            $0.text("text")
        }
        try connection.runAll("DELETE FROM annotations WHERE \(key)", keys)
        return Set(texts)
    }

    private func keep(
        _ annotations: [Annotation],
        of model: String,
        in revision: Int,
        _ connection: Session
    ) throws(StoreError) {
        try connection.runAll(
            """
            INSERT INTO annotations (model, project, id, task, label, text, changed)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (model, project, id) DO UPDATE SET task = excluded.task,
                label = excluded.label, text = excluded.text, changed = excluded.changed
            """,
            annotations.map { annotation in
                [
                    .text(model), .integer(annotation.id.project),
                    .integer(annotation.id.annotation), .integer(annotation.task),
                    .text(annotation.example.label), .text(annotation.example.text),
                    .integer(revision),
                ]
            }
        )
    }

    /// Makes the data set say what annotations say now.
    ///
    /// A row that came from elsewhere stays when an annotation of its text goes.
    private func bring(
        _ change: AnnotationChange,
        freed: Set<String>,
        in revision: Int,
        _ connection: Session
    ) throws(StoreError) -> DataSetChange {
        let model = change.model
        let orphaned = try annotatedRows(
            with: freed.subtracting(change.kept.map(\.example.text)),
            of: model,
            connection
        )
        var (said, unsaid): ([Example], Set<String>) = ([], [])
        for text in orphaned.sorted() {
            if let label = try lastLabel(of: text, model, connection) {
                said.append(Example(label: label, text: text))
            } else {
                unsaid.insert(text)
            }
        }
        let ids = try rows(with: unsaid, of: model, connection).map(\.id).sorted()
        try remove(rows: ids, in: revision, connection)
        if !unsaid.isEmpty { try erase(unsaid, of: model, connection) }
        let origin = RowOrigin(
            source: .labelStudio,
            actor: change.actor,
            createdAt: wallClock()
        )
        var done = try addRows(
            said + change.kept.map(\.example),
            to: model,
            from: origin,
            in: revision,
            connection
        )
        done.removed = ids.count
        return done
    }

    /// Those of the texts whose row an annotation brought.
    private func annotatedRows(
        with texts: Set<String>,
        of model: String,
        _ connection: Session
    ) throws(StoreError) -> [String] {
        try connection.allRows(
            """
            SELECT text FROM examples INDEXED BY examples_by_text
            WHERE model = ? AND text = ? AND removed IS NULL AND source = 'label-studio'
            """,
            texts.map { [.text(model), .text($0)] }
        ) { $0.text("text") }
    }

    /// What the annotation of a text says that changed last; nil if there is none.
    private func lastLabel(
        of text: String,
        _ model: String,
        _ connection: Session
    ) throws(StoreError) -> String? {
        try connection.row(
            """
            SELECT label FROM annotations WHERE model = ? AND text = ?
            ORDER BY changed DESC, project DESC, id DESC LIMIT 1
            """,
            .text(model),
            .text(text)
        ) { $0.text("label") }
    }

    /// The place of the model's last job among the changes of data sets; 0 without one.
    private func lastJob(of model: String, _ connection: Session) throws(StoreError) -> Int {
        try connection.row(
            "SELECT coalesce(max(posted), 0) AS posted FROM jobs WHERE model = ?",
            .text(model)
        ) { $0.int("posted") } ?? 0
    }

    /// How many rows annotations have brought or changed since a job.
    private func annotatedRows(
        of model: String,
        since job: Int,
        _ connection: Session
    ) throws(StoreError) -> Int {
        try connection.row(
            """
            SELECT count(*) AS count FROM examples INDEXED BY examples_by_model
            WHERE model = ? AND removed IS NULL AND source = 'label-studio' AND arrived > ?
            """,
            .text(model),
            .integer(job)
        ) { $0.int("count") } ?? 0
    }

    /// Forgets annotations whose texts are no longer wanted.
    func forgetAnnotations(
        with texts: Set<String>,
        of model: String,
        _ connection: Session
    ) throws(StoreError) {
        try connection.runAll(
            "DELETE FROM annotations WHERE model = ? AND text = ?",
            texts.map { [.text(model), .text($0)] }
        )
    }
}
