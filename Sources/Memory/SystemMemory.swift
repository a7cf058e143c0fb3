internal import Glibc

/// The memory that this process may use: what the machine has, or what its control groups allow.
public struct SystemMemory: Sendable {
    /// Where the file system begins; another place only in tests.
    private let root: String

    /// The memory of this process.
    public init() { root = "" }

    /// The memory that files below `root` tell of.
    package init(root: String) { self.root = root }

    /// In bytes: the least of the machine's memory and the limits of the process's control groups
    /// and all above them (`memory.max` of version 2, `memory.limit_in_bytes` of version 1).
    public var bytes: Int {
        let machine = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
        return min(machine, groupLimit ?? Int.max)
    }

    /// The least limit of the control groups that this process is in; nil without any.
    package var groupLimit: Int? {
        let mounts = lines(of: "/proc/self/mountinfo").compactMap(Mount.init)
        var least: Int?
        for line in lines(of: "/proc/self/cgroup") {
            // As in "4:memory:/group" of version 1 and "0::/group" of version 2.
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            let isUnified = parts[1].isEmpty
            guard isUnified || parts[1].split(separator: ",").contains("memory") else { continue }
            let file = isUnified ? "memory.max" : "memory.limit_in_bytes"
            for mount in mounts where mount.isUnified == isUnified {
                for directory in mount.directories(of: parts[2]) {
                    let limit = lines(of: directory + "/" + file).first.flatMap { Int($0) }
                    if let limit, limit > 0 { least = min(least ?? limit, limit) }
                }
            }
        }
        return least
    }

    /// A mounted hierarchy of control groups that may limit memory.
    private struct Mount {
        let isUnified: Bool
        /// The group that is mounted.
        let group: Substring
        let place: Substring

        /// Reads a line of mountinfo: `36 35 98:0 /group /place options - type source options`.
        init?(_ line: Substring) {
            let parts = line.split(separator: " ")
            guard let end = parts.firstIndex(of: "-"), end >= 6, parts.count > end + 3 else {
                return nil
            }
            isUnified = parts[end + 1] == "cgroup2"
            let isMemory =
                parts[end + 1] == "cgroup"
                && parts[end + 3].split(separator: ",").contains("memory")
            guard isUnified || isMemory else { return nil }
            group = parts[3] == "/" ? "" : parts[3]
            place = parts[4]
        }

        /// The directory of a group and all above it that can be seen here.
        func directories(of path: Substring) -> [String] {
            var below = path.hasPrefix(group) ? path.dropFirst(group.count) : ""
            var found: [String] = []
            while let slash = below.lastIndex(of: "/"), below != "/" {
                found.append(String(place) + below)
                below = below[..<slash]
            }
            return found + [String(place)]
        }
    }

    private func lines(of path: String) -> [Substring] {
        guard let file = fopen(root + path, "r") else { return [] }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = fread(&piece, 1, piece.count, file)
            if count == 0 { break }
            bytes += piece[..<count]
        }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    }
}
