/// A growing HTML document, in which every text is escaped.
struct HTML {
    /// What has been written so far.
    private(set) var text = ""

    /// Writes markup as it is: constants of the program only, and numbers.
    mutating func markup(_ markup: String) { text += markup }

    /// Writes a text of somebody else.
    mutating func write(_ string: String) { text += HTML.escaped(string) }

    /// Writes an element that holds a text alone.
    mutating func element(_ name: StaticString, _ string: String, attributes: String = "") {
        let blank = attributes.isEmpty ? "" : " "
        text += "<\(name)\(blank)\(attributes)>\(HTML.escaped(string))</\(name)>"
    }

    /// A table: a header, then rows; the columns from `numbersFrom` on hold numbers.
    mutating func table(_ header: [String], _ rows: [[String]], numbersFrom: Int = .max) {
        if rows.isEmpty { return }
        text += "<div class=scroll><table><thead><tr>"
        for (column, cell) in header.enumerated() {
            element("th", cell, attributes: column >= numbersFrom ? "class=n" : "")
        }
        text += "</tr></thead><tbody>"
        for row in rows {
            text += "<tr>"
            for (column, cell) in row.enumerated() {
                // A text may be written from right to left.
                text += column >= numbersFrom ? "<td class=n>" : "<td><bdi>"
                text += HTML.escaped(cell).replacing("_", with: "_<wbr>")
                text += column >= numbersFrom ? "</td>" : "</bdi></td>"
            }
            text += "</tr>"
        }
        text += "</tbody></table></div>"
    }

    /// A text that no reader takes for markup; control characters, which HTML does not allow,
    /// become U+FFFD.
    static func escaped(_ string: String) -> String {
        var escaped = ""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            case "\n", "\t", "\r": escaped += " "
            case _ where scalar.properties.generalCategory == .control: escaped += "\u{FFFD}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// At most so many characters, the last an ellipsis if some are missing.
    static func shortened(_ string: String, to length: Int) -> String {
        string.count > length ? "\(string.prefix(length - 1))…" : string
    }
}
