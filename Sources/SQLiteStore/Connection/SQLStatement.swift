private import CSQLite
internal import SQLStore

/// A prepared statement; while it stands on a row, the row's columns.
package final class SQLStatement: SQLRow {
    private let handle: OpaquePointer
    /// The names of the columns, once a row was read.
    private var names: [String] = []
    /// Where the column was that was read last; the next one is there or close behind.
    private var last = 0

    init(_ handle: OpaquePointer) {
        self.handle = handle
    }

    deinit {
        sqlite3_finalize(handle)
    }

    /// Sets the parameters; false when SQLite refuses one.
    func bind(_ values: [SQLValue]) -> Bool {
        precondition(
            values.count == sqlite3_bind_parameter_count(handle),
            "the statement has another number of parameters"
        )
        // SQLite copies the bytes before the call returns (SQLITE_TRANSIENT).
        let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        for (position, value) in values.enumerated() {
            let index = Int32(position + 1)
            let code =
                switch value {
                case .integer(nil), .real(nil), .text(nil), .blob(nil):
                    sqlite3_bind_null(handle, index)
                case .integer(let number?):
                    sqlite3_bind_int64(handle, index, Int64(number))
                case .real(let number?):
                    sqlite3_bind_double(handle, index, number)
                case .text(var text?):
                    text.withUTF8 { utf8 in
                        utf8.withMemoryRebound(to: CChar.self) { characters in
                            sqlite3_bind_text64(
                                handle,
                                index,
                                characters.baseAddress ?? UnsafePointer(bitPattern: 1),
                                UInt64(characters.count),
                                copied,
                                UInt8(SQLITE_UTF8)
                            )
                        }
                    }
                case .blob(let bytes?):
                    bytes.withUnsafeBytes { bytes in
                        // A null pointer would be NULL, not an empty blob.
                        bytes.isEmpty
                            ? sqlite3_bind_zeroblob(handle, index, 0)
                            : sqlite3_bind_blob64(
                                handle,
                                index,
                                bytes.baseAddress,
                                UInt64(bytes.count),
                                copied
                            )
                    }
                }
            if code != SQLITE_OK { return false }
        }
        return true
    }

    func step() -> Int32 { sqlite3_step(handle) }

    /// Ends the run and forgets the parameters, so that large ones give back their memory.
    func reset() {
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
    }

    /// Whether the column is NULL.
    package func isNull(_ name: String) -> Bool {
        sqlite3_column_type(handle, column(name)) == SQLITE_NULL
    }

    /// The column as an integer; NULL is 0.
    package func int(_ name: String) -> Int { Int(sqlite3_column_int64(handle, column(name))) }

    /// The column as a number; NULL is 0.
    package func double(_ name: String) -> Double { sqlite3_column_double(handle, column(name)) }

    /// The column as text; NULL is empty.
    package func text(_ name: String) -> String { String(decoding: blob(name), as: UTF8.self) }

    /// The column's bytes; NULL is empty.
    package func blob(_ name: String) -> [UInt8] {
        let column = column(name)
        let bytes = sqlite3_column_blob(handle, column)
        let count = Int(sqlite3_column_bytes(handle, column))
        return [UInt8](UnsafeRawBufferPointer(start: bytes, count: bytes == nil ? 0 : count))
    }

    /// The position of the column with a name.
    ///
    /// - Precondition: the statement has one such column.
    /// - Complexity: O(1) when columns are read in their order, else O(columns).
    private func column(_ name: String) -> Int32 {
        if names.isEmpty {
            names = (0..<sqlite3_column_count(handle)).map {
                String(cString: sqlite3_column_name(handle, $0))
            }
            precondition(Set(names).count == names.count, "two columns have one name: \(names)")
        }
        for offset in names.indices {
            let position = (last + offset) % names.count
            guard names[position] == name else { continue }
            last = position
            return Int32(position)
        }
        preconditionFailure("there is no column \(name) among \(names)")
    }
}
