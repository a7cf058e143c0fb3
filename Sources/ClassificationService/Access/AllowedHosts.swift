internal import Glibc
internal import HTTPServer

/// The hosts that requests may be for while there are no tokens.
///
/// A web page can let its own name stand for this machine (DNS rebinding), so that the browser of
/// somebody here sends its requests to this server and shows it the answers. They still carry the
/// page's name.
public struct AllowedHosts: Sendable {
    private var names: [[UInt8]] = [Array("localhost".utf8)]
    private var addresses: [[UInt8]] = []
    /// Where every address is listened on.
    ///
    /// No page's name is an address, so none is let in.
    private var allowsAddresses = false

    /// Loopback, what is listened on, and names.
    ///
    /// - Parameters:
    ///   - listening: the hosts that are listened on: names, or addresses without brackets.
    ///   - names: further names or addresses, as `isValid` has them.
    public init(listeningOn listening: [String] = [], names: [String] = []) {
        for host in listening + names {
            guard let address = Self.address(of: Array(host.utf8)[...]) else {
                self.names.append(Self.canonical(Array(host.utf8)[...]))
                continue
            }
            addresses.append(address)
            let isEvery = address.dropLast(4).allSatisfy { $0 == 0 } || Self.isMapped(address)
            if isEvery && address.suffix(4).allSatisfy({ $0 == 0 }) { allowsAddresses = true }
        }
    }

    /// Whether text is a host: a name or an address, without scheme, port and path.
    public static func isValid(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        if address(of: bytes[...]) != nil { return true }
        return (1...253).contains(bytes.count)
            && bytes.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
                    UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }

    /// What is always allowed, in words.
    var description: String {
        allowsAddresses ? "localhost and addresses" : "localhost, 127.0.0.0/8 and [::1]"
    }

    /// Whether a `Host` field names one of them, whatever its port.
    func contains(_ field: UnsafeBufferPointer<UInt8>) -> Bool {
        let name = UnsafeBufferPointer(rebasing: field.prefix(Self.hostCount(field)))
        // Almost every request; compared in place.
        if name.holds("localhost") || name.holds("127.0.0.1") { return true }
        if names.contains(where: { $0.count == name.count && name.elementsEqual($0) }) {
            return true
        }
        let host = Array(name)[...]
        guard let address = Self.address(of: host) else {
            return names.contains(Self.canonical(host))
        }
        return allowsAddresses || Self.isLoopback(address) || addresses.contains(address)
    }

    /// The host that a `Host` field names, without its port, cut to what a message can hold.
    static func host(in field: UnsafeBufferPointer<UInt8>) -> String {
        String(decoding: field.prefix(min(hostCount(field), 255)), as: UTF8.self)
    }

    /// How many bytes come before the port.
    private static func hostCount(_ field: UnsafeBufferPointer<UInt8>) -> Int {
        if field.first == UInt8(ascii: "[") {
            return field.firstIndex(of: UInt8(ascii: "]")).map { $0 + 1 } ?? field.count
        }
        return field.firstIndex(of: UInt8(ascii: ":")) ?? field.count
    }

    /// A name in lower case, without the dot that may end it.
    private static func canonical(_ name: ArraySlice<UInt8>) -> [UInt8] {
        let end = name.last == UInt8(ascii: ".") && name.count > 1 ? name.dropLast() : name
        return end.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
    }

    /// The 16 bytes of an address, those of IPv4 in their IPv6 form; nil for a name.
    private static func address(of host: ArraySlice<UInt8>) -> [UInt8]? {
        guard host.count <= 64, !host.contains(0) else { return nil }
        let isBracketed = host.first == UInt8(ascii: "[") && host.last == UInt8(ascii: "]")
        let text = String(decoding: isBracketed ? host.dropFirst().dropLast() : host, as: UTF8.self)
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET6, text, &bytes) == 1 { return bytes }
        guard !isBracketed, inet_pton(AF_INET, text, &bytes) == 1 else { return nil }
        return mappedPrefix + bytes.prefix(4)
    }

    private static let mappedPrefix = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]

    private static func isMapped(_ address: [UInt8]) -> Bool {
        address.prefix(12).elementsEqual(mappedPrefix)
    }

    private static func isLoopback(_ address: [UInt8]) -> Bool {
        let isItself = address.dropLast().allSatisfy { $0 == 0 } && address[15] == 1
        return isItself || (isMapped(address) && address[12] == 127)
    }
}
