internal import Glibc

/// The addresses that `--host` stands for.
enum ListeningAddress {
    /// Whether they are loopback addresses alone, which only this machine can reach; nil if there
    /// are none at all.
    static func areLoopback(_ host: String) -> Bool? {
        let loopback = map(host, isLoopback)
        return loopback.isEmpty ? nil : loopback.allSatisfy { $0 }
    }

    /// Each in numbers, without brackets.
    static func all(of host: String) -> [String] {
        map(host) { address in
            withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { text in
                let size = socklen_t(
                    Int32(address.pointee.sa_family) == AF_INET6
                        ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size
                )
                guard let start = text.baseAddress,
                    getnameinfo(address, size, start, 64, nil, 0, NI_NUMERICHOST) == 0
                else { return "" }
                return String(cString: start)
            }
        }
        .filter { !$0.isEmpty }
    }

    private static func map<Result>(
        _ host: String,
        _ look: (UnsafePointer<sockaddr>) -> Result
    ) -> [Result] {
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &found) == 0, let first = found else { return [] }
        defer { freeaddrinfo(first) }
        var results: [Result] = []
        var next: UnsafeMutablePointer<addrinfo>? = first
        while let entry = next {
            if let address = entry.pointee.ai_addr { results.append(look(address)) }
            next = entry.pointee.ai_next
        }
        return results
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
