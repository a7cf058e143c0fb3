internal import Glibc

/// The trainer program: the one that is named, or the one beside this program.
///
/// - Returns: a path, or nil for "off".
func trainerPath(_ option: String?) throws(StartError) -> String? {
    if option == "off" { return nil }
    let path = option ?? programDirectory() + "/trainer"
    guard access(path, X_OK) == 0 else {
        throw StartError(
            exitStatus: 78,
            reason: "the trainer '\(path)' cannot be run (\(systemMessage())): "
                + "build it, name it with --trainer, or give --trainer off"
        )
    }
    return path
}

private func programDirectory() -> String {
    let path = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { buffer in
        let count = buffer.baseAddress.map { readlink("/proc/self/exe", $0, buffer.count) } ?? 0
        return String(
            decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) },
            as: UTF8.self
        )
    }
    return path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
}

private func systemMessage() -> String {
    strerror(errno).map { String(cString: $0) } ?? "error \(errno)"
}
