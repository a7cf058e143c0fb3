internal import Store

/// What was answered to a request that carried a key.
struct RememberedAnswer: Sendable {
    let job: String?
    let body: [UInt8]?
}

extension SQLStore {
    /// What was answered to the same request before; nil for a new one.
    ///
    /// - Throws: `idempotencyKeyReused` when the key came with another request.
    func rememberedAnswer(
        _ key: IdempotencyKey?,
        _ connection: Session
    ) throws(StoreError) -> RememberedAnswer? {
        guard let key else { return nil }
        let found = try connection.row(
            "SELECT request_digest, job, body FROM idempotency WHERE scope = ? AND key = ?",
            .text(key.scope),
            .text(key.key)
        ) {
            (
                digest: $0.text("request_digest"),
                answer: RememberedAnswer(job: $0.optionalText("job"), body: $0.optionalBlob("body"))
            )
        }
        guard let found else { return nil }
        guard found.digest == key.requestDigest else { throw .idempotencyKeyReused }
        return found.answer
    }

    /// Keeps an answer for the same request to come again.
    func remember(
        _ answer: RememberedAnswer,
        for key: IdempotencyKey?,
        _ connection: Session
    ) throws(StoreError) {
        guard let key else { return }
        let sequence = try connection.insert(
            """
            INSERT INTO idempotency (scope, key, request_digest, job, body) VALUES (?, ?, ?, ?, ?)
            RETURNING sequence AS id
            """,
            .text(key.scope),
            .text(key.key),
            .text(key.requestDigest),
            SQLValue(answer.job),
            SQLValue(answer.body)
        )
        try connection.run(
            "DELETE FROM idempotency WHERE sequence <= ?",
            .integer(sequence - Retention.answers)
        )
    }

    /// Forgets answers that name jobs which are no longer there.
    func forgetAnswersOfDeletedJobs(_ connection: Session) throws(StoreError) {
        try connection.run(
            "DELETE FROM idempotency WHERE job IS NOT NULL AND job NOT IN (SELECT id FROM jobs)"
        )
    }
}
