/// One transaction with the store, as those see it who follow a request through the service.
public struct StoreAccess: Sendable {
    /// Whether it changes something.
    public enum Kind: String, Sendable {
        case read
        case write
    }

    /// Whether it changes something.
    public let kind: Kind
    /// The database, by its name in OpenTelemetry.
    public let system: String
    /// Why it failed; nil if it did not.
    public let failure: StoreError?

    /// Hears of each transaction of the calls below `withValue` when it begins; what it returns
    /// hears of the end.
    @TaskLocal public static var observer: (@Sendable () -> @Sendable (StoreAccess) -> Void)?

    /// Runs a transaction, observed.
    ///
    /// - Parameters:
    ///   - kind: whether it changes something.
    ///   - system: the database.
    ///   - transaction: what it does.
    /// - Returns: what `transaction` returns.
    /// - Throws: what `transaction` throws.
    package static func observed<Result>(
        _ kind: Kind,
        _ system: String,
        _ transaction: () throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        guard let end = observer?() else { return try transaction() }
        do throws(StoreError) {
            let result = try transaction()
            end(StoreAccess(kind: kind, system: system, failure: nil))
            return result
        } catch {
            end(StoreAccess(kind: kind, system: system, failure: error))
            throw error
        }
    }
}
