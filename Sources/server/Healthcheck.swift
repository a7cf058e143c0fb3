internal import Glibc
internal import HTTPServer

/// Asks a running server whether it lives; for containers, which have no curl.
struct Healthcheck {
    let host: String
    let port: UInt16
    let speaksTLS: Bool

    /// Asks the private listener where there is one, because load cannot fill it.
    init(_ place: PlaceOptions) {
        // Every address includes this one, and nothing can be reached at 0.0.0.0.
        host = ["0.0.0.0", "::", "localhost"].contains(place.host) ? "127.0.0.1" : place.host
        if case .port(let admin) = place.adminPort {
            (port, speaksTLS) = (admin, false)
        } else {
            (port, speaksTLS) = (place.port, place.secure.files != nil)
        }
    }

    /// Whether `GET /livez` is answered 200 within two seconds.
    func run() -> Bool {
        var hints = addrinfo()
        hints.ai_flags = AI_NUMERICHOST
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &found) == 0, let address = found else {
            return false
        }
        defer { freeaddrinfo(found) }
        let type = address.pointee.ai_socktype | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.pointee.ai_family, type, 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var limit = timeval(tv_sec: 2, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        guard connect(descriptor, address.pointee.ai_addr, address.pointee.ai_addrlen) == 0 else {
            return false
        }
        let request = Array(
            "GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8
        )
        let good = "HTTP/1.1 200".utf8
        if speaksTLS {
            return askOverTLS(descriptor, request, count: good.count).elementsEqual(good)
        }
        guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            return false
        }
        var answer = [UInt8](repeating: 0, count: good.count)
        let count = recv(descriptor, &answer, answer.count, Int32(MSG_WAITALL))
        return count == answer.count && answer.elementsEqual(good)
    }
}
