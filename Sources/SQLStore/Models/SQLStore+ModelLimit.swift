internal import Store

// How many models clients may make.
extension SQLStore {
    /// Refuses what would make a model where there are as many as there may be.
    ///
    /// A model is there while it has versions, rows, golden cases or jobs that have not ended.
    func requireRoom(for model: String, _ connection: Session) throws(StoreError) {
        guard let maximumModels else { return }
        let isThere =
            try connection.row(isThereQuery, .text(model)) { !$0.isNull("found") } ?? false
        guard !isThere else { return }
        try connection.lock([.modelCount])
        let count = try connection.row(modelCountQuery) { $0.int("count") } ?? 0
        guard count < maximumModels else { throw .modelsFull(limit: maximumModels) }
    }
}

private let isThereQuery = """
    SELECT coalesce(
        (SELECT 1 FROM models JOIN versions ON versions.model = models.id WHERE name = ?1
            LIMIT 1),
        (SELECT 1 FROM jobs WHERE model = ?1 AND state IN ('queued', 'running') LIMIT 1),
        (SELECT 1 FROM examples WHERE model = ?1 AND removed IS NULL LIMIT 1),
        (SELECT 1 FROM golden WHERE model = ?1 LIMIT 1)) AS found
    """

private let modelCountQuery = """
    SELECT count(*) AS count FROM (
        SELECT name FROM models WHERE id IN (SELECT model FROM versions)
        UNION SELECT model FROM jobs WHERE state IN ('queued', 'running')
        UNION SELECT model FROM revisions WHERE EXISTS
            (SELECT 1 FROM examples WHERE examples.model = revisions.model AND removed IS NULL)
        UNION SELECT model FROM golden) AS names
    """
