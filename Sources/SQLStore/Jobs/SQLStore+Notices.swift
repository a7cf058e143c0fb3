package import Store

/// Whether the end of a job is to be told, as the column `notice` has it.
enum Notice: Int {
    /// Nobody is told, or everybody was.
    case none = 0
    case wanted = 1
    /// A server is about to tell it.
    case taken = 2
}

extension SQLStore {
    package func takeNotices(limit: Int) throws(StoreError) -> [Job] {
        // Usually there is none, and nobody is to wait.
        let isAny = try read { connection throws(StoreError) in
            try connection.row("SELECT 1 FROM jobs WHERE \(mayBeTold) LIMIT 1") { _ in true }
        }
        guard isAny == true, limit > 0 else { return [] }
        return try write { connection throws(StoreError) in
            let ids = try connection.rows(
                "SELECT id FROM jobs WHERE \(mayBeTold) ORDER BY sequence LIMIT ?"
                    + Session.lockingRows,
                .integer(limit)
            ) { $0.text("id") }
            try connection.runAll(
                "UPDATE jobs SET notice = \(Notice.taken.rawValue) WHERE id = ?",
                ids.map { [.text($0)] }
            )
            var jobs: [Job] = []
            for id in ids { jobs.append(try self.job(id, connection)) }
            return jobs
        }
    }

    package func returnNotices(of jobs: [String]?) throws(StoreError) {
        try write { connection throws(StoreError) in
            let change = "UPDATE jobs SET notice = \(Notice.wanted.rawValue) "
            let isTaken = "WHERE notice = \(Notice.taken.rawValue)"
            if let jobs {
                let one = change + isTaken + " AND id = ?"
                try connection.runAll(one, jobs.map { [.text($0)] })
            } else {
                try connection.run(change + isTaken)
            }
        }
    }

    package func settleNotice(of job: String) throws(StoreError) {
        try write(.jobs([job])) { connection throws(StoreError) in
            _ = try connection.run(
                "UPDATE jobs SET notice = \(Notice.none.rawValue) WHERE id = ?",
                .text(job)
            )
        }
    }
}

private let mayBeTold = """
    notice = \(Notice.wanted.rawValue) AND state IN ('succeeded', 'failed', 'cancelled')
    """
