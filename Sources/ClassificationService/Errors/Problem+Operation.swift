/// What is told when the server cannot do what it otherwise does.
extension Problem {
    static func busy(_ detail: String) -> Problem {
        Problem(503, "busy", detail, retryAfterSeconds: 1)
    }

    static func storeUnavailable(_ reason: String) -> Problem {
        Problem(503, "store_unavailable", "The store failed: \(reason).", retryAfterSeconds: 2)
    }

    static var storageFull: Problem {
        Problem(
            507,
            "storage_full",
            "The disk of the store is full; nothing was stored.",
            retryAfterSeconds: 30
        )
    }

    static var stopping: Problem {
        Problem(503, "stopping", "The server is stopping.", retryAfterSeconds: 5)
    }
}
