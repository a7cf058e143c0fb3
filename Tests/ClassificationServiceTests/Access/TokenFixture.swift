import ClassificationService
import Foundation

/// A token file in a directory of its own, and the tokens that it is about.
final class TokenFixture: Sendable {
    let path: String
    /// A token with each scope alone, named like it.
    let tokens: [Scope: String]
    let table: TokenTable

    init() throws {
        path = NSTemporaryDirectory() + "elman-tokens-\(UUID().uuidString)"
        let file = TokenFile(path: path)
        var tokens: [Scope: String] = [:]
        for scope in Scope.allCases {
            tokens[scope] = try file.add(name: scope.rawValue, scopes: [scope], models: [])
        }
        self.tokens = tokens
        table = try file.read()
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The header that shows a scope's token.
    func header(_ scope: Scope) -> [(name: String, value: String)] {
        [("Authorization", "Bearer " + (tokens[scope] ?? ""))]
    }

    /// Adds a token and reads the file anew.
    func add(
        _ name: String,
        _ scopes: [Scope],
        models: [String]
    ) throws -> (token: String, table: TokenTable) {
        let file = TokenFile(path: path)
        let token = try file.add(name: name, scopes: scopes, models: models)
        return (token, try file.read())
    }
}
