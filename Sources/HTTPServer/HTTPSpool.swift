internal import CMicroHTTPD
internal import Glibc

/// A file without a name that a body goes into; it is gone with the last reference.
public final class HTTPSpool: Sendable {
    /// The open file.
    let descriptor: Int32
    /// What is kept as long as the file.
    private let kept: any Sendable

    /// Makes an empty file; nil if the disk does not have the room, or takes no file.
    ///
    /// - Parameters:
    ///   - directory: on whose disk it is.
    ///   - needed: bytes that the disk should have room for.
    ///   - keeping: what is kept as long as the file.
    public init?(in directory: String, needed: Int, keeping: any Sendable) {
        var disk = statvfs()
        guard statvfs(directory, &disk) == 0,
            Int(clamping: disk.f_bavail).multipliedReportingOverflow(by: Int(disk.f_frsize))
                .partialValue >= needed
        else { return nil }
        let opened = mhd_spool_open(directory)
        guard opened >= 0 else { return nil }
        descriptor = opened
        kept = keeping
    }

    deinit { close(descriptor) }

    /// Reads at an offset.
    ///
    /// - Parameters:
    ///   - buffer: gets the bytes.
    ///   - offset: from the start of the body.
    /// - Returns: how many were read, 0 at the end; nil if the disk fails.
    public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int? {
        while true {
            let count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset))
            if count >= 0 { return count }
            if errno != EINTR { return nil }
        }
    }
}
