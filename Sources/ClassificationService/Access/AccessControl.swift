internal import Digest
internal import HTTPServer
internal import Synchronization

/// Decides who asks and whether they may.
final class AccessControl: Sendable {
    /// Whether there are no tokens, so that everything is open.
    ///
    /// That never changes.
    let isOpen: Bool
    /// nil for all.
    private let hosts: AllowedHosts?
    private let current: Mutex<TokenTable?>

    init(_ tokens: TokenTable?, hosts: AllowedHosts?) {
        isOpen = tokens == nil
        self.hosts = hosts
        current = Mutex(tokens)
    }

    /// Takes other tokens from now on.
    ///
    /// - Precondition: there were tokens before.
    func replace(with tokens: TokenTable) {
        precondition(!isOpen, "a server that is open does not close while it runs")
        current.withLock { $0 = tokens }
    }

    /// Refuses a request for a host that is not this server's, where no token tells who asks.
    func requireHost(of request: borrowing HTTPRequest) throws(ServiceError) {
        guard isOpen, let hosts else { return }
        let isAllowed = request.withHeader("host") { hosts.contains($0) }
        guard isAllowed != true else { return }
        throw .hostNotAllowed(
            request.withHeader("host") { AllowedHosts.host(in: $0) },
            allowed: hosts.description
        )
    }

    /// Whoever asks, if they may use an operation.
    func authorize(
        _ request: borrowing HTTPRequest,
        _ operation: Operation
    ) throws(ServiceError) -> Principal {
        if isOpen { return .anonymous }
        let principal: Principal
        do throws(ServiceError) {
            principal = try identify(request, takesBasic: operation.takesBasic)
        } catch {
            // Where everybody may come in, nobody is asked to show a better token.
            guard operation.access == .everyone else { throw error }
            return .stranger
        }
        try principal.require(operation.access)
        return principal
    }

    private func identify(
        _ request: borrowing HTTPRequest,
        takesBasic: Bool
    ) throws(ServiceError) -> Principal {
        let tokens = current.withLock { $0 }
        let found: Principal?? = request.withHeader("authorization") { field in
            if takesBasic, let password = Self.password(in: field) {
                return password.withUnsafeBufferPointer { tokens?.principal(ofToken: $0) }
            }
            return Self.bearerToken(in: field).flatMap { tokens?.principal(ofToken: $0) }
        }
        guard let known = found else { throw .tokenMissing }
        guard let known else { throw .tokenWrong }
        return known
    }

    /// What follows `Bearer` and a blank (RFC 6750, 2.1), or nil for another scheme.
    private static func bearerToken(
        in field: UnsafeBufferPointer<UInt8>
    ) -> UnsafeBufferPointer<UInt8>? { credentials("bearer ", in: field) }

    /// The password of basic authentication (RFC 7617), or nil for another scheme.
    private static func password(in field: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        guard let pair = credentials("basic ", in: field).flatMap({ Base64.decoded($0) }),
            let colon = pair.firstIndex(of: UInt8(ascii: ":"))
        else { return nil }
        return Array(pair[(colon + 1)...])
    }

    /// What follows a scheme and a blank, or nil for another scheme.
    private static func credentials(
        _ scheme: StaticString,
        in field: UnsafeBufferPointer<UInt8>
    ) -> UnsafeBufferPointer<UInt8>? {
        let length = scheme.utf8CodeUnitCount
        let scheme = UnsafeBufferPointer(start: scheme.utf8Start, count: length)
        // Bit 5 makes letters small and leaves the blank; what else it changes is no letter.
        guard field.count > length,
            field.prefix(length).lazy.map({ $0 | 0x20 }).elementsEqual(scheme)
        else { return nil }
        return UnsafeBufferPointer(rebasing: field.dropFirst(length))
    }
}
