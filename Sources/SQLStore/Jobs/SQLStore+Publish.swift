package import Examples
package import Store

extension SQLStore {
    package func publish(
        _ publication: Publication,
        claim: Claim
    ) throws(StoreError) -> Published {
        let published = try write(.jobs([claim.job])) {
            connection throws(StoreError) -> Published? in
            let job = try self.job(claim, connection)
            if job.isCancelRequested {
                try self.end(claim, state: .cancelled, connection)
                return nil
            }
            let model = try self.findOrMake(job.model, connection)
            let decision = publication.decision
            try self.check(decision, on: job, of: model, connection)
            let (version, result) = try self.insertVersion(
                NewVersion(publication, of: job),
                of: model,
                connection
            )
            try self.apply(try self.merge(of: job, connection), of: job, connection)
            try self.insert(publication.heldOut, of: model, version: version, connection)
            if decision.isPromoted {
                try self.makeLive(version, of: model, by: "job", connection)
            }
            if let history = decision.evidence?.after {
                try self.setHistory(history, of: model, connection)
            }
            try connection.run(
                """
                UPDATE jobs SET version = ?, promoted = ?, reason = ?, result = ? WHERE id = ?
                """,
                .integer(version),
                SQLValue(decision.isPromoted),
                .text(decision.reason),
                .integer(result),
                .text(job.id)
            )
            try self.end(claim, state: .succeeded, connection)
            try self.retain(of: job.model, connection)
            return Published(
                version: version,
                isPromoted: decision.isPromoted,
                reason: decision.reason
            )
        }
        guard let published else { throw .cancelled(job: claim.job) }
        return published
    }

    package func heldOutAnswers(
        of model: String,
        _ version: Int
    ) throws(StoreError) -> [HeldOutAnswer] {
        try read { connection throws(StoreError) in
            try connection.rows(
                """
                SELECT text, truth, label, score, truth_score FROM held_out_answers
                WHERE model = (SELECT id FROM models WHERE name = ?) AND number = ?
                ORDER BY position
                """,
                .text(model),
                .integer(version)
            ) { row in
                HeldOutAnswer(
                    text: row.text("text"),
                    truth: row.text("truth"),
                    label: row.text("label"),
                    score: row.double("score"),
                    truthScore: row.double("truth_score")
                )
            }
        }
    }

    package func examples(of model: String, _ version: Int) throws(StoreError) -> [Example] {
        try read { connection throws(StoreError) in
            try connection.snapshot { connection throws(StoreError) in
                do throws(StoreError) {
                    guard
                        let revision = try self.revision(of: model, version: version, connection)
                    else { return [] }
                    return try self.rows(of: model, revision: revision, connection)
                } catch .unknownVersion { return [] }
            }
        }
    }

    private func check(
        _ decision: Decision,
        on job: Job,
        of model: FoundModel,
        _ connection: Session
    ) throws(StoreError) {
        if decision.isPromoted && (job.promotion == .never || !job.mayPromote) {
            throw .promotionNotAllowed(job: job.id)
        }
        let ground = try ground(of: job.model, connection)
        let evidence = decision.evidence
        guard model.liveVersion == decision.comparedWith,
            ground.golden.revision == decision.goldenRevision,
            evidence == nil || evidence?.before == ground.history,
            evidence == nil || evidence?.version == ground.nextVersion
        else { throw .decisionOutdated(model: job.model) }
    }

    private func insert(
        _ answers: [HeldOutAnswer],
        of model: FoundModel,
        version: Int,
        _ connection: Session
    ) throws(StoreError) {
        try connection.runAll(
            """
            INSERT INTO held_out_answers
                (model, number, position, text, truth, label, score, truth_score)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            answers.enumerated().map { position, answer in
                [
                    .integer(model.id), .integer(version), .integer(position),
                    .text(answer.text), .text(answer.truth), .text(answer.label),
                    .real(answer.score), .real(answer.truthScore),
                ]
            }
        )
    }
}

extension NewVersion {
    fileprivate init(_ publication: Publication, of job: Job) {
        self.init(
            digest: publication.digest,
            bytes: publication.checkpoint,
            origin: .job,
            job: job.id,
            actor: job.actor,
            dataDigest: job.dataDigest,
            revision: job.revision,
            options: job.options,
            toolVersion: publication.toolVersion,
            metrics: publication.metrics,
            report: publication.report,
            reason: publication.decision.reason
        )
    }
}
