extension Operation {
    /// Refuses what the table does not name, and what stands twice and is no list.
    func check(_ items: [(name: String, value: String)]) throws(ServiceError) {
        for (index, item) in items.enumerated() {
            guard query.contains(item.name) else {
                guard !query.isEmpty else {
                    throw .invalidParameter("This takes no query parameters.")
                }
                throw .invalidParameter("The query takes \(Self.list(query)) only.")
            }
            let isRepeated = items[..<index].contains { $0.name == item.name }
            if isRepeated && !lists.contains(item.name) {
                throw .invalidParameter("\"\(item.name)\" stands twice in the query.")
            }
        }
    }

    private static func list(_ names: [String]) -> String {
        let quoted = names.map { "\"\($0)\"" }
        guard let last = quoted.last, quoted.count > 1 else { return quoted.joined() }
        return quoted.dropLast().joined(separator: ", ") + " and " + last
    }
}
