/// A statement of `SQLStore` as PostgreSQL reads it.
enum SQLText {
    /// Numbers the parameters (`?` and `?3` become `$1` and `$3`), and leaves out which index is to
    /// be used: the planner decides that by itself.
    ///
    /// - Precondition: no literal holds a question mark.
    static func translate(_ sql: String) -> String {
        var text = ""
        var next = 1
        var rest = Substring(sql)
        while let character = rest.popFirst() {
            guard character == "?" else {
                text.append(character)
                continue
            }
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest.removeFirst(digits.count)
            text += "$"
            text += digits.isEmpty ? "\(next)" : digits
            if digits.isEmpty { next += 1 }
        }
        return text.replacing(/\ INDEXED BY \w+/, with: "")
    }
}
