internal import Digest

/// The tokens that are good, by their SHA-256; the tokens themselves are nowhere.
public final class TokenTable: Sendable {
    private struct Entry {
        let digest: [UInt8]
        let principal: Principal
    }

    /// By the first eight bytes of the digest.
    ///
    /// Finding a row takes longer or shorter by what these are, but nobody can choose a token by
    /// its digest.
    private let entries: [UInt64: [Entry]]
    /// How many there are.
    public let count: Int

    /// - Precondition: each digest has 32 bytes.
    init(_ tokens: [(digest: [UInt8], principal: Principal)]) {
        var entries: [UInt64: [Entry]] = [:]
        for (digest, principal) in tokens {
            precondition(digest.count == 32, "a SHA-256 has 32 bytes, not \(digest.count)")
            let key = digest.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
            entries[key, default: []].append(Entry(digest: digest, principal: principal))
        }
        self.entries = entries
        count = tokens.count
    }

    /// Whose token that is, or nil if it is nobody's.
    func principal(ofToken token: UnsafeBufferPointer<UInt8>) -> Principal? {
        SHA256.withDigest(of: UnsafeRawBufferPointer(token)) { digest in
            entries[digest.loadUnaligned(as: UInt64.self)]?.first { entry in
                entry.digest.withUnsafeBytes { ConstantTime.areEqual($0, digest) }
            }?.principal
        }
    }
}
