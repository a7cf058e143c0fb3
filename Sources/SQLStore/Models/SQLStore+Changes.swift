package import Store

extension SQLStore {
    @discardableResult
    package func setLive(
        model: String,
        version: Int,
        goldenRevision: Int?
    ) throws(StoreError) -> Int? {
        try write(.model(model)) { connection throws(StoreError) in
            let found = try self.find(model, connection)
            try self.require(version, of: found, connection)
            if let goldenRevision,
                try self.goldenRevision(of: model, connection) != goldenRevision
            {
                throw .decisionOutdated(model: model)
            }
            try self.makeLive(version, of: found, by: "hand", connection)
            return found.liveVersion
        }
    }

    package func setPinned(_ isPinned: Bool, model: String, version: Int) throws(StoreError) {
        try write(.model(model)) { connection throws(StoreError) in
            let found = try self.find(model, connection)
            try self.require(version, of: found, connection)
            try connection.run(
                "UPDATE versions SET pinned = ? WHERE model = ? AND number = ?",
                SQLValue(isPinned),
                .integer(found.id),
                .integer(version)
            )
        }
    }

    package func deleteVersion(model: String, version: Int) throws(StoreError) {
        try write(.model(model)) { connection throws(StoreError) in
            let found = try self.find(model, connection)
            try self.require(version, of: found, connection)
            guard found.liveVersion != version else {
                throw .versionIsLive(model: model, version: version)
            }
            let deleted = try connection.run(
                "DELETE FROM versions WHERE model = ? AND number = ? AND pinned = 0",
                .integer(found.id),
                .integer(version)
            )
            guard deleted == 1 else { throw .versionIsPinned(model: model, version: version) }
            try self.purgeResults(connection)
            try self.purgeRows(of: model, connection)
            // Without its anchor, a model stands by what is live.
            if try self.ground(of: model, connection).history.anchor == version {
                try self.setHistory(
                    DecisionHistory(anchor: found.liveVersion),
                    of: found,
                    connection
                )
            }
        }
    }

    package func deleteModel(_ model: String) throws(StoreError) {
        try write(.model(model)) { connection throws(StoreError) in
            var count = 0
            for statement in [
                "DELETE FROM versions WHERE model = (SELECT id FROM models WHERE name = ?)",
                "DELETE FROM examples WHERE model = ?",
                "DELETE FROM revisions WHERE model = ?",
                "DELETE FROM golden WHERE model = ?",
                "DELETE FROM annotations WHERE model = ?",
                "DELETE FROM texts WHERE model = ?",
                "DELETE FROM jobs WHERE model = ? AND state != 'running'",
                "UPDATE jobs SET cancel_requested = 1 WHERE model = ? AND state = 'running' "
                    + "AND cancel_requested = 0",
            ] { count += try connection.run(statement, .text(model)) }
            guard count > 0 else { throw .unknownModel(model) }
            try connection.run("DELETE FROM predictions WHERE model = ?", .text(model))
            try connection.run(
                "UPDATE models SET live_version = NULL, live_set_by = NULL WHERE name = ?",
                .text(model)
            )
            try self.forgetAnswersOfDeletedJobs(connection)
            try self.purgeResults(connection)
            // What was decided before must not hold for a model of that name that comes later.
            try connection.run(
                "UPDATE golden_revisions SET revision = revision + 1 WHERE model = ?",
                .text(model)
            )
        }
    }
}
