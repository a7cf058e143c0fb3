import Store
import Testing

/// A backend that the conformance suite runs against.
///
/// What every backend must do is tested in this folder, through the verbs of `Store` alone. A new
/// backend brings a `StorePlace` and one line in `all`.
struct Backend: Sendable, CustomTestStringConvertible {
    let name: String
    let makePlace: @Sendable () throws -> any StorePlace

    static let all = [
        Backend(name: "SQLite") { SQLitePlace() },
        Backend(name: "PostgreSQL") { try PostgreSQLPlace() },
    ]

    var testDescription: String { name }
}

/// A place where a test keeps a store, gone with its last user.
protocol StorePlace: AnyObject, Sendable {
    /// Opens a handle of its own, as another process would have it, that keeps so many versions.
    func open(keptVersions: Int, maximumModels: Int?) throws(StoreError) -> any Store

    /// The place as it would be if all processes and the machine had stopped just now.
    func afterCrash() throws -> any StorePlace

    /// Moves the clock that leases run on.
    func advance(by duration: Duration)

    /// All that is stored, in an order that does not change.
    func contents() throws -> [String]

    /// The texts of all rows that are stored, of any revision, and behind them those that wait with
    /// jobs; one for each row.
    func storedTexts() throws -> [String]

    /// Makes it look as if requests with these keys had been answered, in the scope "".
    func remember(keys: ClosedRange<Int>) throws

    /// Lets every transaction fail that takes a step, right behind it.
    func fail(behind step: String) throws

    /// Lets all transactions succeed again.
    func mend() throws
}

extension StorePlace {
    /// Opens a handle that keeps as many versions as usual.
    func open() throws(StoreError) -> any Store { try open(keptVersions: Retention.versions) }

    /// Opens a handle that keeps so many versions and takes any number of models.
    func open(keptVersions: Int) throws(StoreError) -> any Store {
        try open(keptVersions: keptVersions, maximumModels: nil)
    }
}

/// The verbs that change something.
enum Verb: CaseIterable {
    case submit
    case requestCancel
    case takeNotices
    case returnNotices
    case settleNotice
    case claim
    case report
    case publish
    case publishFirst
    case end
    case releaseJobs
    case sign
    case remember
    case setReviewed
    case forgetPrediction
    case changeExamples
    case follow
    case restoreExamples
    case setGolden
    case importCheckpoint
    case setLive
    case setPinned
    case deleteVersion
    case deleteModel
    case setShadow
    case addShadowCounts
    case removeShadow
}
