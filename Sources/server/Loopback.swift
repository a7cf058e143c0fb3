#if canImport(Glibc)
    internal import Glibc
#else
    internal import Musl
#endif

/// Addresses that only this machine can reach.
enum Loopback {
    /// Whether a host stands for loopback addresses alone; nil if it stands for none at all.
    static func holds(_ host: String) -> Bool? {
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &found) == 0, let first = found else { return nil }
        defer { freeaddrinfo(first) }
        var next: UnsafeMutablePointer<addrinfo>? = first
        while let entry = next {
            guard let address = entry.pointee.ai_addr, isLoopback(address) else { return false }
            next = entry.pointee.ai_next
        }
        return true
    }

    private static func isLoopback(_ address: UnsafePointer<sockaddr>) -> Bool {
        let raw = UnsafeRawPointer(address)
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            let number = raw.load(as: sockaddr_in.self).sin_addr.s_addr
            return UInt32(bigEndian: number) >> 24 == 127
        case AF_INET6:
            let bytes = withUnsafeBytes(of: raw.load(as: sockaddr_in6.self).sin6_addr, Array.init)
            let isItself = bytes.dropLast().allSatisfy { $0 == 0 } && bytes[15] == 1
            let isMapped =
                bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xFF
                && bytes[11] == 0xFF && bytes[12] == 127
            return isItself || isMapped
        default: return false
        }
    }
}
