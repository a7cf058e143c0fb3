internal import Glibc
internal import HTTPServer

/// The files of `--tls-certificate` and `--tls-key`.
struct TLSFiles: Sendable {
    /// Larger files are refused.
    private static let maximumBytes = 1 << 20
    let certificate: String
    let key: String

    /// Reads both for the first time.
    func read() throws(TLSFileError) -> TLSIdentity {
        let (chain, key) = try contents()
        do throws(TLSIdentityError) {
            return try TLSIdentity(certificate: chain, key: key)
        } catch { throw failure(error) }
    }

    /// Reads both again; one that cannot be used leaves `identity` as it is.
    ///
    /// - Returns: days until the certificate expires.
    func reread(into identity: TLSIdentity) throws(TLSFileError) -> Int {
        let (chain, key) = try contents()
        do throws(TLSIdentityError) {
            let expires = try identity.replace(certificate: chain, key: key)
            return (expires - time(nil)) / 86_400
        } catch { throw failure(error) }
    }

    private func contents() throws(TLSFileError) -> (certificate: [UInt8], key: [UInt8]) {
        (
            try Self.content(of: certificate, option: "--tls-certificate"),
            try Self.content(of: key, option: "--tls-key")
        )
    }

    private func failure(_ error: TLSIdentityError) -> TLSFileError {
        switch error {
        case .badCertificate:
            TLSFileError(
                "--tls-certificate: '\(certificate)' is no certificate in PEM form "
                    + "(-----BEGIN CERTIFICATE-----)"
            )
        case .expired:
            TLSFileError("--tls-certificate: the certificate in '\(certificate)' has expired")
        case .notYetValid:
            TLSFileError(
                "--tls-certificate: the certificate in '\(certificate)' is not valid yet: "
                    + "look at this machine's clock"
            )
        case .badKey:
            TLSFileError(
                "--tls-key: '\(key)' is no private key in PEM form (-----BEGIN PRIVATE KEY-----)"
            )
        case .encryptedKey:
            TLSFileError(
                "--tls-key: the key in '\(key)' has a password: write it without one "
                    + "(openssl pkey -in KEY -out NEW)"
            )
        case .mismatch:
            TLSFileError(
                "--tls-key: the key in '\(key)' is not the one of the certificate in "
                    + "'\(certificate)' (--tls-certificate)"
            )
        case .outOfMemory: TLSFileError("--tls-certificate: there is no memory for it")
        }
    }

    private static func content(
        of path: String,
        option: String
    ) throws(TLSFileError) -> [UInt8] {
        // Without O_NONBLOCK a pipe in its place would keep the server from starting.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw TLSFileError("\(option): '\(path)' cannot be read (\(systemMessage()))")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw TLSFileError("\(option): '\(path)' is no regular file")
        }
        var content = [UInt8](repeating: 0, count: maximumBytes + 1)
        var count = 0
        while count < content.count {
            let step = content.withUnsafeMutableBytes { buffer in
                Glibc.read(
                    descriptor,
                    buffer.baseAddress?.advanced(by: count),
                    buffer.count - count
                )
            }
            if step < 0 && errno == EINTR { continue }
            guard step >= 0 else {
                throw TLSFileError("\(option): '\(path)' cannot be read (\(systemMessage()))")
            }
            if step == 0 { return Array(content.prefix(count)) }
            count += step
        }
        throw TLSFileError("\(option): '\(path)' is larger than \(maximumBytes >> 20) MiB")
    }
}

/// Why the files cannot be used: one sentence that names the option.
struct TLSFileError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

private func systemMessage() -> String {
    strerror(errno).map { String(cString: $0) } ?? "error \(errno)"
}
