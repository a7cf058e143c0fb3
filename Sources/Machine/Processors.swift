internal import Glibc

/// The processors that this process may keep busy: what the machine has, or what its affinity and
/// its control groups allow.
public struct Processors: Sendable {
    private let groups: ControlGroups

    /// How many threads could work at once when this was first asked for; 1 or more.
    ///
    /// For defaults of settings, which are made many times at a start.
    public static let initialCount = Processors().count

    /// The processors of this process.
    public init() { groups = ControlGroups() }

    /// The processors that files below `root` tell of.
    package init(root: String) { groups = ControlGroups(root: root) }

    /// How many threads can work at once; 1 or more.
    ///
    /// The least of the machine's processors, of those that the process may run on, and of the CPU
    /// time that its control groups grant, as a part of a processor rounded up.
    public var count: Int {
        let machine = sysconf(Int32(_SC_NPROCESSORS_ONLN))
        let granted = quota.map { Int($0.rounded(.up)) }
        return max(1, min(machine, affinity ?? machine, granted ?? machine))
    }

    /// How many processors the process may run on, by its affinity mask, which also follows the
    /// control groups' sets of processors (`cpuset`); nil if the kernel does not tell.
    package var affinity: Int? {
        for line in groups.lines(of: "/proc/self/status") where line.hasPrefix("Cpus_allowed:") {
            // Hexadecimal digits in groups of eight: `ff,ffffffff`.
            let digits = line.dropFirst("Cpus_allowed:".count)
            return digits.compactMap(\.hexDigitValue).reduce(0) { $0 + $1.nonzeroBitCount }
        }
        return nil
    }

    /// The least CPU time that the control groups grant, in seconds a second (`cpu.max` of version
    /// 2, `cpu.cfs_quota_us` of version 1); nil without a limit.
    package var quota: Double? {
        let shares = groups.hierarchies(of: "cpu").flatMap { hierarchy in
            hierarchy.directories.compactMap {
                hierarchy.isUnified ? unifiedQuota(in: $0) : firstQuota(in: $0)
            }
        }
        return shares.min()
    }

    /// Reads `cpu.max`: quota and period in microseconds, as in `150000 100000`, or `max 100000`.
    private func unifiedQuota(in directory: String) -> Double? {
        guard let line = groups.lines(of: directory + "/cpu.max").first else { return nil }
        let words = line.split(separator: " ")
        guard words.count == 2 else { return nil }
        return Self.share(words[0], of: words[1])
    }

    /// Reads the two files of version 1; a quota of -1 is none.
    private func firstQuota(in directory: String) -> Double? {
        guard let quota = groups.lines(of: directory + "/cpu.cfs_quota_us").first,
            let period = groups.lines(of: directory + "/cpu.cfs_period_us").first
        else { return nil }
        return Self.share(quota, of: period)
    }

    private static func share(_ quota: Substring, of period: Substring) -> Double? {
        guard let quota = Int(quota), let period = Int(period), quota > 0, period > 0 else {
            return nil
        }
        return Double(quota) / Double(period)
    }
}
