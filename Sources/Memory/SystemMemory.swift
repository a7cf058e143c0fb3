internal import Glibc
internal import Machine

/// The memory that this process may use: what the machine has, or what its control groups allow.
public struct SystemMemory: Sendable {
    private let system: ControlGroups

    /// The memory of this process.
    public init() { system = ControlGroups() }

    /// The memory that files below `root` tell of.
    package init(root: String) { system = ControlGroups(root: root) }

    /// In bytes: the least of the machine's memory and the limits of the process's control groups
    /// and all above them (`memory.max` of version 2, `memory.limit_in_bytes` of version 1).
    public var bytes: Int {
        let machine = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
        return min(machine, groupLimit ?? Int.max)
    }

    /// The least limit of the control groups that this process is in; nil without any.
    package var groupLimit: Int? {
        let limits = system.hierarchies(of: "memory").flatMap { group in
            group.directories.compactMap { directory in
                let file = group.isUnified ? "memory.max" : "memory.limit_in_bytes"
                return system.lines(of: directory + "/" + file).first.flatMap { Int($0) }
            }
        }
        return limits.filter { $0 > 0 }.min()
    }

    /// How many processes the kernel has killed so far because memory ran out.
    ///
    /// Counted in the control group of this process, to which its children belong too; where no
    /// group tells, on the whole machine. nil if the kernel does not tell.
    public var outOfMemoryKills: Int? {
        for group in system.hierarchies(of: "memory") {
            let file = group.isUnified ? "memory.events" : "memory.oom_control"
            for directory in group.directories.prefix(1) {
                if let count = kills(in: directory + "/" + file) { return count }
            }
        }
        return kills(in: "/proc/vmstat")
    }

    /// The number behind `oom_kill`, in a file with one pair of name and number a line.
    private func kills(in path: String) -> Int? {
        for line in system.lines(of: path) {
            let pair = line.split(separator: " ")
            if pair.count == 2 && pair[0] == "oom_kill" { return Int(pair[1]) }
        }
        return nil
    }
}
