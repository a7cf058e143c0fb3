internal import Digest
internal import Glibc
internal import JSON

/// The file that says which tokens are good: one JSON object a line.
///
/// `{"name":"web","sha256":"…","scopes":["classify"],"models":["desk"]}`; without `models` the
/// token is for all. The file holds digests, no tokens, and nobody but its owner may read it.
public struct TokenFile: Sendable {
    /// Larger files are refused.
    private static let maximumBytes = 1 << 20
    private let path: String

    /// Names a file; nothing is read yet.
    public init(path: String) { self.path = path }

    /// Reads the tokens.
    ///
    /// - Throws: a sentence about the first thing that is wrong.
    public func read() throws(TokenFileError) -> TokenTable {
        let lines = try lines()
        guard !lines.isEmpty else {
            throw failure("has no tokens: 'server token NAME --scope SCOPE' makes one")
        }
        return TokenTable(lines.map { ($0.digest, $0.principal) })
    }

    /// Makes a token and adds its digest to the file, which is made if it is missing.
    ///
    /// - Parameters:
    ///   - name: who it is for; no other token may have it.
    ///   - scopes: what it may do; at least one.
    ///   - models: the models that it may use; empty for all.
    /// - Returns: the token, which is told this once.
    /// - Throws: a sentence about what is wrong; the file is as before.
    public func add(
        name: String,
        scopes: [Scope],
        models: [String]
    ) throws(TokenFileError) -> String {
        let token = RandomIdentifier.make(prefix: "elman-")
        let digest = SHA256.hexadecimal(of: Array(token.utf8))
        let line = TokenLine.text(name: name, digest: digest, scopes: scopes, models: models)
        do throws(TokenLine.Problem) { _ = try TokenLine(line, JSONParser()) } catch {
            throw TokenFileError(description: error.detail)
        }
        let descriptor = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o600)
        guard descriptor >= 0 else { throw failure("cannot be written (\(systemMessage()))") }
        defer { close(descriptor) }
        let before = try bytes(of: descriptor)
        let separator = before.last.map { $0 != UInt8(ascii: "\n") } ?? false ? "\n" : ""
        // What the file would hold is read as a server will read it.
        _ = try parse(before + separator.utf8 + line)
        let added = Array(separator.utf8) + line + [UInt8(ascii: "\n")]
        guard write(descriptor, added, added.count) == added.count, fsync(descriptor) == 0 else {
            throw failure("cannot be written (\(systemMessage()))")
        }
        return token
    }

    // MARK: Reading

    private func lines() throws(TokenFileError) -> [TokenLine] {
        // Without O_NONBLOCK a pipe in its place would keep the server from starting.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure("cannot be read (\(systemMessage()))") }
        defer { close(descriptor) }
        return try parse(try bytes(of: descriptor))
    }

    private func bytes(of descriptor: CInt) throws(TokenFileError) -> [UInt8] {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw failure("cannot be read (\(systemMessage()))")
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw failure("is no regular file") }
        let owner = FileOwner(of: status)
        guard owner.isTrusted(by: .current) else {
            throw failure("belongs to another user (\(status.st_uid))")
        }
        guard owner.isClosed(to: .current) else {
            let digits = String(owner.mode, radix: 8)
            throw failure(
                "is open to others than its owner (mode 0\(digits)): chmod 600 it, or give the "
                    + "mounted secret the mode 0440 and the group of this process"
            )
        }
        guard status.st_size <= Self.maximumBytes else {
            throw failure("is larger than \(Self.maximumBytes >> 20) MiB")
        }
        var content = [UInt8](repeating: 0, count: Int(status.st_size))
        var count = 0
        while count < content.count {
            let step = content.withUnsafeMutableBytes { buffer in
                pread(
                    descriptor,
                    buffer.baseAddress?.advanced(by: count),
                    buffer.count - count,
                    count
                )
            }
            if step < 0 && errno == EINTR { continue }
            guard step > 0 else { throw failure("cannot be read to its end") }
            count += step
        }
        return content
    }

    private func parse(_ content: [UInt8]) throws(TokenFileError) -> [TokenLine] {
        let parser = JSONParser()
        var lines: [TokenLine] = []
        var (names, digests) = (Set<String>(), Set<[UInt8]>())
        let pieces = content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, piece) in pieces.enumerated() where !piece.allSatisfy({ $0 <= 0x20 }) {
            do throws(TokenLine.Problem) {
                let line = try TokenLine(Array(piece), parser)
                guard names.insert(line.name).inserted else {
                    throw TokenLine.Problem("the name '\(line.name)' stands above already")
                }
                guard digests.insert(line.digest).inserted else {
                    throw TokenLine.Problem("the digest stands above already")
                }
                lines.append(line)
            } catch { throw failure("line \(index + 1): \(error.detail)") }
        }
        return lines
    }

    private func failure(_ detail: String) -> TokenFileError {
        TokenFileError(description: "the token file '\(path)' \(detail)")
    }
}

/// Why a token file cannot be used: one sentence.
public struct TokenFileError: Error, Sendable, CustomStringConvertible {
    /// The sentence.
    public let description: String
}

private func systemMessage() -> String {
    strerror(errno).map { String(cString: $0) } ?? "error \(errno)"
}
