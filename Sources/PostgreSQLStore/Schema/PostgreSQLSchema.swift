internal import SQLStore
package import Store

/// The tables, and how those of an older Elman become the newest.
///
/// A step only adds (expand), so that the release before goes on with the tables. What that one
/// needs and this one does not goes in a later release (contract), whose step raises `oldest`.
package enum PostgreSQLSchema {
    /// A step from one schema to the next.
    package struct Step: Sendable {
        /// Statements, done in one transaction with all other steps that are missing.
        package let statements: [String]
        /// The oldest release, by the number of its newest step, that works with the tables
        /// afterwards.
        package let oldest: Int

        package init(statements: [String], oldest: Int) {
            self.statements = statements
            self.oldest = oldest
        }
    }

    /// Steps that were ever released never change; a new one is added at the end.
    package static let steps = [
        Step(statements: first, oldest: 1), Step(statements: annotations, oldest: 1),
        Step(statements: notices, oldest: 1), Step(statements: textsAndVectors, oldest: 1),
        Step(statements: shadows, oldest: 1),
    ]

    /// Brings the tables to the newest schema, in one transaction, after everybody else who does
    /// the same.
    ///
    /// - Parameters:
    ///   - connection: not in a transaction.
    ///   - steps: all of them.
    ///   - done: called after each statement.
    /// - Throws: `newerSchema` or `notAStore` before anything is changed.
    package static func migrate(
        _ connection: PostgreSQLConnection,
        steps: [Step] = steps,
        done: (Int) throws(StoreError) -> Void = { _ throws(StoreError) in }
    ) throws(StoreError) {
        // Usually nothing is to be done, and nobody is to wait.
        if try version(connection, steps) == steps.count { return }
        try connection.execute(
            """
            BEGIN; SELECT NULL FROM
            pg_advisory_xact_lock(hashtextextended(current_schema(), \(lockKey)));
            """
        )
        do throws(StoreError) {
            let from = try version(connection, steps) ?? 0
            guard from < steps.count else { return connection.rollBack() }
            var count = 0
            for step in steps[from...] {
                for statement in step.statements {
                    try connection.run(statement)
                    count += 1
                    try done(count)
                }
            }
            try connection.run(
                "UPDATE elman_schema SET version = ?, oldest = ?",
                .integer(steps.count),
                .integer(steps[steps.count - 1].oldest)
            )
            try connection.execute("COMMIT")
        } catch {
            connection.rollBack()
            throw error
        }
    }

    private static let lockKey = Int(truncatingIfNeeded: fingerprint("schema"))

    /// The number of the tables' schema, at most the newest that is known here; nil without tables.
    private static func version(
        _ connection: PostgreSQLConnection,
        _ steps: [Step]
    ) throws(StoreError) -> Int? {
        let found = try connection.row(
            """
            SELECT count(*) FILTER (WHERE tablename = 'elman_schema') AS is_store,
                count(*) FILTER (WHERE tablename IN ('jobs', 'models', 'versions')) AS is_taken
            FROM pg_tables WHERE schemaname = current_schema()
            """
        ) { (isStore: $0.int("is_store") != 0, isTaken: $0.int("is_taken") != 0) }
        guard let found, found.isStore else {
            if found?.isTaken == true { throw .notAStore(place: connection.place) }
            return nil
        }
        let schema = try connection.row("SELECT version, oldest FROM elman_schema") {
            (version: $0.int("version"), oldest: $0.int("oldest"))
        }
        guard let schema else { throw .corrupt(place: connection.place) }
        guard schema.oldest <= steps.count else {
            throw .newerSchema(found: schema.version, supported: steps.count)
        }
        return min(schema.version, steps.count)
    }
}
