internal import ArgumentParser
internal import ClassificationService

/// Names of hosts with commas between them.
struct HostList: ExpressibleByArgument {
    let names: [String]

    init?(argument: String) {
        names = argument.split(separator: ",").map { $0.trimmed }
        guard !names.isEmpty, names.allSatisfy(AllowedHosts.isValid) else { return nil }
    }
}

extension Substring {
    /// Without blanks around it.
    fileprivate var trimmed: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
