import HTTPServer
import Testing

@testable import ClassificationService

/// A row of the table, by a name that Foundation does not have.
typealias TableRow = Operation

/// A path of the service, for tests that go through all of them.
struct EveryPath: Sendable, CustomTestStringConvertible {
    let path: OperationTable.Path
    /// A path like it, of a model that is there and a job that is not.
    let target: String

    var template: String { path.template.text }
    var rows: [TableRow] { path.operations }
    var testDescription: String { template }

    /// All that a service with its defaults answers.
    static let all: [EveryPath] = {
        guard let service = try? TestService() else { fatalError("no service can be made") }
        return service.service.router.table.paths.map { EveryPath($0) }
    }()

    init(_ path: OperationTable.Path) {
        self.path = path
        target =
            "/"
            + path.template.pieces.map { piece in
                switch piece {
                case .text(let text), .unknown(let text): text
                case .variable(.model): "mood"
                case .variable(.version): "1"
                case .variable(.file): "main.js"
                case .variable(.vectors): "en"
                case .variable(.prediction): "p-" + String(repeating: "0", count: 32) + "-0"
                case .variable(.job): "job-" + String(repeating: "0", count: 32)
                }
            }.joined(separator: "/")
    }
}

extension TableRow {
    /// Whether an answer says what went wrong, in the form of this row's errors.
    func tells(_ problem: Problem, in answer: Received) -> Bool {
        // Problem documents and Label Studio's errors name the request too.
        if let code = answer.code { return code == problem.code }
        let expected = errors.answer(to: problem, requestID: "")
        return answer.status == expected.status && answer.body == expected.body
    }
}
