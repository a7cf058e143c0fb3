internal import SQLStore
internal import Store

/// The tables, and how a store of an older Elman gets them.
package enum Schema {
    /// Marks a database as a store ("Elmn").
    package static let applicationID = 0x456C_6D6E

    /// Step k leads from schema k to k + 1; the one from nothing shows what schema 1 was.
    ///
    /// Steps that were ever released never change; a new one is added at the end.
    package static let steps = [
        first, dataSetsThatStay, postedRowsThatWait, decisionHistory, resultsOnce, turns, workers,
        predictions, labelStudio, notices, textsAndVectors, shadows,
    ]

    /// Brings the database to the newest schema, in one transaction.
    ///
    /// - Throws: `newerSchema` or `notAStore` before anything is changed.
    static func migrate(_ connection: SQLConnection, path: String) throws(StoreError) {
        if try stepsToDo(connection, path: path).isEmpty { return }
        try connection.transaction { connection throws(StoreError) in
            // Asked again under the lock: another process may have been faster.
            let steps = try stepsToDo(connection, path: path)
            if steps.isEmpty { return }
            if steps.startIndex == 0 {
                try connection.execute(newest)
            } else {
                for step in steps { try connection.execute(step) }
                if steps.startIndex < firstWithTextForm { try giveTextForm(connection) }
            }
            try connection.execute(
                "PRAGMA application_id = \(applicationID); "
                    + "PRAGMA user_version = \(Self.steps.count)"
            )
        }
    }

    /// Writes the number of the schema again: a change of the file that changes nothing.
    static func rewriteVersion(_ connection: SQLConnection) throws(StoreError) {
        let version = try connection.row("PRAGMA user_version") { $0.int("user_version") } ?? 0
        try connection.execute("PRAGMA user_version = \(version)")
    }

    /// Reads the mark of a store, and changes nothing.
    ///
    /// - Throws: `notAStore`.
    static func requireStore(_ connection: SQLConnection, path: String) throws(StoreError) {
        let owner = try connection.row("PRAGMA application_id") { $0.int("application_id") }
        guard owner == applicationID else { throw .notAStore(place: path) }
    }

    private static func stepsToDo(
        _ connection: SQLConnection,
        path: String
    ) throws(StoreError) -> ArraySlice<String> {
        // One statement, so that all three belong to one state of the file.
        let state = try connection.row(
            """
            SELECT user_version, application_id, (SELECT count(*) FROM sqlite_schema) AS objects
            FROM pragma_user_version, pragma_application_id
            """
        ) {
            (
                version: $0.int("user_version"), owner: $0.int("application_id"),
                objects: $0.int("objects")
            )
        }
        guard let state else { throw .corrupt(place: path) }
        guard state.version <= steps.count else {
            throw .newerSchema(found: state.version, supported: steps.count)
        }
        guard state.owner == applicationID || (state.owner == 0 && state.objects == 0) else {
            throw .notAStore(place: path)
        }
        return steps[state.version...]
    }
}
