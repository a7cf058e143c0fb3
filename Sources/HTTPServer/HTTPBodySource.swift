internal import CMicroHTTPD

/// What makes the content of an answer as its client reads.
public protocol HTTPBodySource: AnyObject, Sendable {
    /// Writes what comes next.
    ///
    /// Called on a server's thread that others wait for, by one thread at a time.
    ///
    /// - Parameter buffer: has room for at least one byte.
    /// - Returns: how many bytes were written, 0 at the end; nil to break off.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int?
}

extension HTTPBodySource {
    /// nil if there is no memory.
    func transportForm(for request: OpaquePointer) -> OpaquePointer? {
        let owner = Unmanaged.passRetained(SourceBox(self))
        let response = mhd_response_create_made(request, owner.toOpaque(), readSource) { owner in
            if let owner { Unmanaged<SourceBox>.fromOpaque(owner).release() }
        }
        if response == nil { owner.release() }
        return response
    }
}

/// A pointer to a protocol's value needs a class around it.
private final class SourceBox: Sendable {
    let source: any HTTPBodySource

    init(_ source: any HTTPBodySource) { self.source = source }
}

private func readSource(
    owner: UnsafeMutableRawPointer?,
    buffer: UnsafeMutablePointer<CChar>?,
    capacity: Int
) -> Int {
    guard let owner else { return -1 }
    return Unmanaged<SourceBox>.fromOpaque(owner)._withUnsafeGuaranteedRef {
        $0.source.read(into: UnsafeMutableRawBufferPointer(start: buffer, count: capacity)) ?? -1
    }
}
