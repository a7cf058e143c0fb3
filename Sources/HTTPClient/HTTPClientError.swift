/// Why there was no answer.
public enum HTTPClientError: Error, Equatable {
    case unknownHost(String)
    case unreachable(String)
    /// No certificates can be read from there.
    case noCertificates(String)
    case notTrusted(String)
    case tooSlow
    case closed(String)

    /// A sentence without a full stop.
    ///
    /// - Parameter server: what is asked, such as "the collector".
    /// - Returns: the sentence.
    public func sentence(about server: String) -> String {
        switch self {
        case .unknownHost(let host): "no address is known for \(server) '\(host)'"
        case .unreachable(let reason): "\(server) cannot be reached (\(reason))"
        case .noCertificates(let file): "no certificates can be read from '\(file)'"
        case .notTrusted(let reason): "there is no TLS with \(server) (\(reason))"
        case .tooSlow: "\(server) is too slow"
        case .closed(let reason): "\(server) does not answer: \(reason)"
        }
    }
}
