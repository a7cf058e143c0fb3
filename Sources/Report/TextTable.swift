/// Rows of cells as lines of text.
enum TextTable {
    /// Columns two spaces apart: the first `leading` ones flush left, the others flush right.
    ///
    /// - Precondition: all rows have as many cells as the first.
    static func lines(_ rows: [[String]], leading: Int = 1) -> [String] {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.reduce(0, max) }
        return rows.map { row in
            row.enumerated().map { column, cell in
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                return column < leading ? cell + padding : padding + cell
            }.joined(separator: "  ")
        }
    }
}
