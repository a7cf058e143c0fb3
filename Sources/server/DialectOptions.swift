internal import ArgumentParser
internal import ClassificationService

/// Which ways of other services to ask are understood.
struct DialectOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            The ways of other services to ask for classifications that are understood beside the \
            native one, separated by commas: \(DialectList.allNames); "all", or "native" for none. \
            (ELMAN_DIALECTS)
            """,
            valueName: "names"
        )
    )
    var dialects = DialectList.all
}

/// Names of dialects with commas between them.
struct DialectList: ExpressibleByArgument, CustomStringConvertible {
    let names: [DialectName]

    static let all = DialectList(names: DialectName.allCases)
    static let allNames = DialectName.allCases.map(\.rawValue).joined(separator: ", ")

    private init(names: [DialectName]) { self.names = names }

    init?(argument: String) {
        var names: [DialectName] = []
        for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
            switch part.filter({ $0 != " " }) {
            case "native": break
            case "all": names += DialectName.allCases
            case let name:
                guard let dialect = DialectName(rawValue: name) else { return nil }
                names.append(dialect)
            }
        }
        self.names = names
    }

    var description: String {
        if names.isEmpty { return "native" }
        return names.count == DialectName.allCases.count
            ? "all" : names.map(\.rawValue).joined(separator: ",")
    }
}
