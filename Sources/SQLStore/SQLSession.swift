package import Store

/// One connection to a database, as verbs use it.
///
/// Values reach SQL as bound parameters only: `?` is the next one, `?3` the third. Rows are read by
/// the names of their columns. One thread at a time.
package protocol SQLSession {
    associatedtype Row: SQLRow

    /// What a SELECT of rows to be changed ends with, so that it passes over those that another
    /// transaction has.
    static var lockingRows: String { get }

    /// What stands behind a column of text that is to be compared by its bytes.
    static var byteOrder: String { get }

    /// Runs one statement and returns how many rows it changed.
    @discardableResult
    func run(_ sql: String, _ values: SQLValue...) throws(StoreError) -> Int

    /// Runs one statement once for each set of values; returns how many rows that changed.
    @discardableResult
    func runAll(_ sql: String, _ sets: [[SQLValue]]) throws(StoreError) -> Int

    /// Runs one statement and returns what `decode` makes of each row.
    func rows<Result>(
        _ sql: String,
        _ values: SQLValue...,
        decode: (Row) -> Result
    ) throws(StoreError) -> [Result]

    /// Runs one statement once for each set of values; returns what `decode` makes of each row, in
    /// the order of the sets.
    func allRows<Result>(
        _ sql: String,
        _ sets: [[SQLValue]],
        decode: (Row) -> Result
    ) throws(StoreError) -> [Result]

    /// Runs one statement and returns what `decode` makes of its first row; nil without rows.
    func row<Result>(
        _ sql: String,
        _ values: SQLValue...,
        decode: (Row) -> Result
    ) throws(StoreError) -> Result?

    /// Runs `body`, whose statements all see one state of the database; it cannot write.
    func snapshot<Result>(
        _ body: (Self) throws(StoreError) -> Result
    ) throws(StoreError) -> Result

    /// The last number that a table gave to a row, in a column that never gives one twice.
    func lastNumber(of table: String, _ column: String) throws(StoreError) -> Int

    /// Lets a table go on behind a number.
    func setLastNumber(_ number: Int, of table: String, _ column: String) throws(StoreError)

    /// Takes further locks in a transaction that changes something; they come behind those that
    /// it has.
    func lock(_ locks: [SQLLock]) throws(StoreError)
}

/// A row of a result, by the names of its columns.
package protocol SQLRow {
    /// Whether the column is NULL.
    func isNull(_ name: String) -> Bool
    /// The column as an integer, a truth value as 0 or 1; NULL is 0.
    func int(_ name: String) -> Int
    /// The column as a number; NULL is 0.
    func double(_ name: String) -> Double
    /// The column as text; NULL is empty.
    func text(_ name: String) -> String
    /// The column's bytes; NULL is empty.
    func blob(_ name: String) -> [UInt8]
}

extension SQLRow {
    /// The column as an integer, or nil.
    package func optionalInt(_ name: String) -> Int? { isNull(name) ? nil : int(name) }

    /// The column as a number, or nil.
    package func optionalDouble(_ name: String) -> Double? { isNull(name) ? nil : double(name) }

    /// The column as text, or nil.
    package func optionalText(_ name: String) -> String? { isNull(name) ? nil : text(name) }

    /// The column's bytes, or nil.
    package func optionalBlob(_ name: String) -> [UInt8]? { isNull(name) ? nil : blob(name) }
}

/// A value for a statement's parameter; nil is NULL, which has a type too.
package enum SQLValue: Sendable {
    case integer(Int?)
    case real(Double?)
    case text(String?)
    case blob([UInt8]?)

    package init(_ value: Int?) { self = .integer(value) }
    package init(_ value: Double?) { self = .real(value) }
    package init(_ value: String?) { self = .text(value) }
    package init(_ value: [UInt8]?) { self = .blob(value) }
    package init(_ value: Bool) { self = .integer(value ? 1 : 0) }
}

extension SQLSession {
    /// Inserts one row and returns the number that it got, which the statement returns as `id`.
    func insert(_ sql: String, _ values: SQLValue...) throws(StoreError) -> Int {
        let number = try allRows(sql, [values]) { $0.int("id") }.first
        guard let number else { throw .unexpected(code: 0, message: "no row was inserted") }
        return number
    }
}
