private import CPostgreSQL
internal import SQLStore

/// A row of a binary result; valid while the result is.
package struct PostgreSQLRow: SQLRow {
    private let result: OpaquePointer
    private let columns: Columns
    private let row: Int32

    /// The columns of a result, by name.
    final class Columns {
        fileprivate let names: [String]
        /// Where the column was that was read last; the next one is there or close behind.
        fileprivate var last = 0

        init(of result: OpaquePointer) {
            names = (0..<pq_column_count(result)).map { column in
                pq_column_name(result, column).map { String(cString: $0) } ?? ""
            }
            precondition(Set(names).count == names.count, "two columns have one name: \(names)")
        }
    }

    init(_ result: OpaquePointer, _ columns: Columns, row: Int32) {
        self.result = result
        self.columns = columns
        self.row = row
    }

    package func isNull(_ name: String) -> Bool { pq_is_null(result, row, column(name)) }

    package func int(_ name: String) -> Int {
        let bytes = bytes(name)
        var number = bytes.first.map { $0 >= 0x80 && bytes.count > 1 ? -1 : 0 } ?? 0
        for byte in bytes { number = number << 8 | Int(byte) }
        return number
    }

    package func double(_ name: String) -> Double {
        Double(bitPattern: UInt64(bitPattern: Int64(int(name))))
    }

    package func text(_ name: String) -> String { StoredText.text(bytes(name)) }

    package func blob(_ name: String) -> [UInt8] { [UInt8](bytes(name)) }

    /// The bytes of a value; none for NULL.
    private func bytes(_ name: String) -> UnsafeRawBufferPointer {
        let column = column(name)
        let start = pq_value(result, row, column)
        return UnsafeRawBufferPointer(
            start: start,
            count: start == nil ? 0 : Int(pq_length(result, row, column))
        )
    }

    /// The position of the column with a name.
    ///
    /// - Precondition: there is one such column.
    /// - Complexity: O(1) when columns are read in their order, else O(columns).
    private func column(_ name: String) -> Int32 {
        for offset in columns.names.indices {
            let position = (columns.last + offset) % columns.names.count
            guard columns.names[position] == name else { continue }
            columns.last = position
            return Int32(position)
        }
        preconditionFailure("there is no column \(name) among \(columns.names)")
    }
}
