internal import Digest
internal import HTTPServer
internal import Store

extension RequestCopy {
    /// What the client calls the request, so that the same one that comes again is not done again.
    ///
    /// Two requests are the same when path, query, content type and body are, byte for byte.
    ///
    /// - Throws: when `Idempotency-Key` is not 1 to 255 visible ASCII characters.
    func idempotency() throws(ServiceError) -> IdempotencyKey? {
        guard let key = idempotencyKey else { return nil }
        guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else {
            throw .invalidParameter(
                "The Idempotency-Key must have 1 to 255 visible ASCII characters."
            )
        }
        var hash = SHA256()
        let query = queryItems.flatMap { [$0.name, $0.value] }
        for part in path.entries.map(\.value) + query + ["\(content)"] {
            var text = "\(part.utf8.count):\(part)"
            text.withUTF8 { hash.update(UnsafeRawBufferPointer($0)) }
        }
        body.withUnsafeBytes { hash.update($0) }
        return IdempotencyKey(
            scope: "\(principal.name ?? "") \(method.rawValue) \(operation.path.text)",
            key: key,
            requestDigest: hash.hexadecimal()
        )
    }
}

extension Answer {
    /// Says that the answer is to a request that had come before.
    static func replayed(_ isReplay: Bool) -> [(name: String, value: String)] {
        isReplay ? [("Idempotent-Replayed", "true")] : []
    }
}
