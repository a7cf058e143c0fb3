internal import JSON

extension JSONValue {
    /// The text of a member, or the texts of the array that has its name in the plural; null is
    /// none of the labels.
    func labels(_ name: String) -> String {
        guard let set = self[name + "s"], set.kind == .array else {
            return self[name].map { $0.isNull ? "none of these" : $0.string ?? "" } ?? ""
        }
        let labels = set.elements.compactMap(\.string)
        return labels.isEmpty ? "(none)" : labels.joined(separator: ", ")
    }
}
