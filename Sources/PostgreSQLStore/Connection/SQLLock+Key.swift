internal import SQLStore
internal import Store

extension SQLLock {
    /// The number of an advisory lock, which PostgreSQL mixes with the schema's name.
    ///
    /// Two locks that share a number by chance only wait for each other.
    ///
    /// - Precondition: it is not a lock of jobs, which are rows.
    var key: Int {
        let name =
            switch self {
            case .key(let key): "key \(key.scope.utf8.count) \(key.scope) \(key.key)"
            case .queue: "queue"
            case .claims: "claims"
            case .model(let model): "model \(model)"
            case .modelCount: "models"
            case .predictions: "predictions"
            case .vectors: "vectors"
            case .jobs: preconditionFailure("jobs are locked as rows")
            }
        return Int(truncatingIfNeeded: fingerprint(name))
    }
}

/// The FNV-1a hash of a string: the same on every machine and in every release.
func fingerprint(_ string: String) -> UInt64 {
    string.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
}
