internal import Glibc
internal import HTTPServer

/// Every operation by method and path.
struct OperationTable: Sendable {
    /// A path and what can be done there.
    final class Path: Sendable {
        let template: PathTemplate
        let operations: [Operation]
        let metrics: PathMetrics
        /// The value of `Allow`.
        let allow: String
        /// Whether several rows answer one method.
        private let isShared: Bool

        fileprivate init(_ operations: [Operation]) {
            template = operations[0].path
            self.operations = operations
            metrics = PathMetrics(template.text)
            isShared = operations.contains { $0.claims != nil }
            var names: [String] = []
            for operation in operations where operation.claims == nil {
                names.append(operation.method.rawValue)
                if operation.method == .get { names.append("HEAD") }
            }
            allow = (names + ["OPTIONS"]).joined(separator: ", ")
        }

        /// The operation that answers a request; `HEAD` is answered as `GET`.
        ///
        /// While the body has not come, no row that looks for its own requests finds them.
        func operation(for request: borrowing HTTPRequest) -> Operation? {
            let method = request.method == .head ? HTTPMethod.get : request.method
            if isShared {
                for operation in operations where operation.method == method {
                    if let claims = operation.claims, claims(request) { return operation }
                }
            }
            return operations.first { $0.method == method && $0.claims == nil }
        }

        /// The shape of what goes wrong before an operation is found.
        var errors: any ErrorWriter { operations[0].errors }

        /// Whether it answers whatever host a request is for.
        var answersAnyHost: Bool { operations.allSatisfy(\.answersAnyHost) }
    }

    /// A path as a request has it.
    struct Match {
        let path: Path
        let values: PathValues
    }

    /// The paths in the order of the rows.
    let paths: [Path]
    private let fixed: [Path]
    /// The paths of `fixed`, one behind the other, and where each ends: to look at all of them
    /// without counting a reference to any.
    private let fixedNames: [UInt8]
    private let fixedEnds: [Int]
    private let varying: [Path]
    private let prefix: PathPrefix

    /// Makes a table.
    ///
    /// - Parameters:
    ///   - rows: every operation.
    ///   - prefix: what may stand before each path.
    /// - Precondition: the rows have no fault.
    init(_ rows: [Operation], below prefix: PathPrefix = .none) {
        self.prefix = prefix
        if let fault = Self.fault(in: rows) { preconditionFailure(fault) }
        var order: [PathTemplate] = []
        for row in rows where !order.contains(row.path) { order.append(row.path) }
        paths = order.map { template in Path(rows.filter { $0.path == template }) }
        fixed = paths.filter(\.template.isFixed)
        fixedNames = fixed.flatMap { Array($0.template.text.utf8) }
        var end = 0
        fixedEnds = fixed.map { path in
            end += path.template.text.utf8.count
            return end
        }
        varying = paths.filter { !$0.template.isFixed }
    }

    /// Every row, in the order of the paths.
    var rows: [Operation] { paths.flatMap(\.operations) }

    /// Why rows make no table; nil if they do.
    ///
    /// A name of a model in a path has no other way to a handler than as the variable `{model}`,
    /// and a row with that is covered by the token's model rule. So no path can escape it.
    static func fault(in rows: [Operation]) -> String? {
        var seen: [String: Operation] = [:]
        for row in rows {
            let name = "\(row.method.rawValue) \(row.path.text)"
            for case .unknown(let piece) in row.path.pieces {
                return "\(name): \(piece) is no variable of paths"
            }
            guard row.path.modelCount == (row.model == .path ? 1 : 0) else {
                return "\(name): {model} must stand in the path once if the model does, else not"
            }
            guard row.model == .none || row.access != .everyone else {
                return "\(name): what is about a model needs a token"
            }
            guard row.claims == nil else { continue }
            guard seen.updateValue(row, forKey: name) == nil else {
                return "\(name): there are two rows, and none says which requests are its own"
            }
        }
        for row in rows where row.claims != nil {
            let other = seen["\(row.method.rawValue) \(row.path.text)"]
            // What is spooled is told by its head, so its limit is its own.
            guard let other, row.access == other.access,
                row.body.bytes == other.body.bytes || row.spool != nil
            else {
                return "\(row.path.text): rows that share a path share scope and body limit"
            }
        }
        return nil
    }

    /// Finds the path of a request.
    ///
    /// An encoded slash belongs to no name, so a path with one matches nothing.
    func match(_ request: borrowing HTTPRequest) -> Match? {
        let (same, outside) = request.withRawPath { raw in
            let outside = prefix.length(in: raw)
            return (fixedIndex(of: UnsafeBufferPointer(rebasing: raw[outside...])), outside)
        }
        if let same { return Match(path: fixed[same], values: PathValues()) }
        let raw = request.rawPath
        guard raw.utf8.count <= 1024, !Self.holdsEncodedSlash(raw) else { return nil }
        // The prefix has no encoded bytes.
        let path = request.path.utf8.dropFirst(outside)
        let pieces = path.dropFirst().split(
            separator: UInt8(ascii: "/"),
            omittingEmptySubsequences: false
        )
        return match(pieces, in: varying) ?? match(pieces, in: fixed)
    }

    private func match(_ pieces: [Substring.UTF8View], in paths: [Path]) -> Match? {
        for candidate in paths {
            if let values = candidate.template.values(of: pieces) {
                return Match(path: candidate, values: values)
            }
        }
        return nil
    }

    /// Which fixed path that is, as it was sent.
    ///
    /// The prefix alone stands for `/`.
    private func fixedIndex(of raw: UnsafeBufferPointer<UInt8>) -> Int? {
        if raw.isEmpty { return fixed.firstIndex { $0.template.text == "/" } }
        return indexOfSame(raw)
    }

    private func indexOfSame(_ raw: UnsafeBufferPointer<UInt8>) -> Int? {
        fixedNames.withUnsafeBufferPointer { names in
            guard let sent = raw.baseAddress, let first = names.baseAddress else { return nil }
            var start = 0
            for index in fixedEnds.indices {
                let end = fixedEnds[index]
                if end - start == raw.count, memcmp(first + start, sent, raw.count) == 0 {
                    return index
                }
                start = end
            }
            return nil
        }
    }

    private static func holdsEncodedSlash(_ path: String) -> Bool {
        var last: (UInt8, UInt8) = (0, 0)
        for byte in path.utf8 {
            if last == (UInt8(ascii: "%"), UInt8(ascii: "2")), byte | 0x20 == UInt8(ascii: "f") {
                return true
            }
            last = (last.1, byte)
        }
        return false
    }
}
