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
        let limits = groups.flatMap { group in
            group.directories.compactMap { directory in
                let file = group.isUnified ? "memory.max" : "memory.limit_in_bytes"
                return lines(of: directory + "/" + file).first.flatMap { Int($0) }
            }
        }
        return limits.filter { $0 > 0 }.min()
    }

    /// How many processes the kernel has killed so far because memory ran out.
    ///
    /// Counted in the control group of this process, to which its children belong too; where no
    /// group tells, on the whole machine. nil if the kernel does not tell.
    public var outOfMemoryKills: Int? {
        for group in groups {
            let file = group.isUnified ? "memory.events" : "memory.oom_control"
            for directory in group.directories.prefix(1) {
                if let count = kills(in: directory + "/" + file) { return count }
            }
        }
        return kills(in: "/proc/vmstat")
    }

    /// The number behind `oom_kill`, in a file with one pair of name and number a line.
    private func kills(in path: String) -> Int? {
        for line in lines(of: path) {
            let pair = line.split(separator: " ")
            if pair.count == 2 && pair[0] == "oom_kill" { return Int(pair[1]) }
        }
        return nil
    }

    /// The control groups for memory that this process is in: the directory of each and of all
    /// above it.
    private var groups: [(isUnified: Bool, directories: [String])] {
        let mounts = lines(of: "/proc/self/mountinfo").compactMap(Mount.init)
        return lines(of: "/proc/self/cgroup").flatMap { line in
            // As in "4:memory:/group" of version 1 and "0::/group" of version 2.
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { return [(isUnified: Bool, directories: [String])]() }
            let isUnified = parts[1].isEmpty
            guard isUnified || parts[1].split(separator: ",").contains("memory") else { return [] }
            return mounts.filter { $0.isUnified == isUnified }
                .map { (isUnified, $0.directories(of: parts[2])) }
        }
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
