/// The names of a form's parts, for errors to say which one is at fault.
struct FormParts: Sendable {
    /// The part with the rows.
    let file: String
    /// The parts that are settings.
    let fields: [String]

    /// An error with the part that each bad member or row is of.
    func naming(_ error: ServiceError) -> ServiceError {
        switch error {
        case .invalidRequest(let errors): .invalidRequest(errors.map(naming))
        case .invalidJSON(let detail): .invalidJSON("Part \"\(file)\": " + detail)
        default: error
        }
    }

    private func naming(_ error: FieldError) -> FieldError {
        var named = error
        // Options stand below "options", where a JSON body has them.
        let member = error.pointer.split(separator: "/").last { $0 != "options" }.map(String.init)
        named.part = named.part ?? member.flatMap { fields.contains($0) ? $0 : nil } ?? file
        return named
    }
}
