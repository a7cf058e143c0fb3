internal import Digest
internal import Glibc
internal import HTTPClient

/// Where the ends of training jobs are told, in the manner of Standard Webhooks.
public struct Webhook: Sendable {
    /// What keeps a webhook from being used, as a sentence.
    public struct Failure: Error, CustomStringConvertible {
        /// What is wrong, and with what.
        public let description: String
    }

    let client: HTTPClient
    /// Host and port, for the log.
    let name: String
    /// What messages are signed with; nil if they are not.
    let key: [UInt8]?

    /// Milliseconds that a receiver may take for one message.
    private static let timeout = 15_000

    /// - Parameters:
    ///   - url: where messages are posted.
    ///   - secretFile: a file with `whsec_` and the key in base 64; nil to sign nothing.
    /// - Throws: what is wrong with them.
    public init(url: String, secretFile: String?) throws(Failure) {
        guard let address = HTTPAddress(url) else {
            throw Failure(
                description: "--webhook must be an address such as https://example.com/elman, "
                    + "without a user and a fragment"
            )
        }
        client = HTTPClient(address, certificates: nil, timeout: Self.timeout)
        name = address.authority
        key = try secretFile.map { (path) throws(Failure) in try Self.key(in: path) }
    }

    private static func key(in path: String) throws(Failure) -> [UInt8] {
        func failure(_ reason: String) -> Failure {
            Failure(description: "the file of --webhook-secret-file \(reason)")
        }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw failure("cannot be read (\(String(cString: strerror(errno))))")
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(descriptor, &bytes, bytes.count)
        let text = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
        let secret = String(text.drop { $0.isWhitespace }.prefix { !$0.isWhitespace })
        let prefix = "whsec_"
        guard secret.hasPrefix(prefix),
            let key = Base64.decoded(secret.dropFirst(prefix.count).utf8),
            (16...256).contains(key.count)
        else {
            throw failure(
                "must hold whsec_ and 24 to 64 random bytes in base 64, such as "
                    + "\"whsec_$(head -c 32 /dev/urandom | base64)\" makes"
            )
        }
        return key
    }

    /// The fields that a message carries.
    ///
    /// - Parameters:
    ///   - id: what the message is called, whenever it is sent.
    ///   - seconds: when it is sent, since 1970.
    ///   - body: the message.
    /// - Returns: the fields.
    func headers(
        _ id: String,
        at seconds: Int,
        _ body: [UInt8]
    ) -> [(name: String, value: String)] {
        var headers = [
            (name: "webhook-id", value: id), (name: "webhook-timestamp", value: "\(seconds)"),
        ]
        if let key {
            let code = HMAC.sha256(of: Array("\(id).\(seconds).".utf8) + body, key: key)
            headers.append((name: "webhook-signature", value: "v1," + Base64.encoded(code)))
        }
        return headers
    }
}
