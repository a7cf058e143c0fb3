import Foundation
import Machine
import Testing

/// What a machine tells of itself in files.
private struct System: CustomTestStringConvertible {
    let name: String
    var cgroup = ""
    var mounts = ""
    /// Files by their paths.
    let files: [String: String]
    let quota: Double?

    var testDescription: String { name }
}

private let unified = "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw"
private let first = "33 23 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct"

private let systems = [
    System(name: "no groups", files: [:], quota: nil),
    System(
        name: "version 2, no limit",
        cgroup: "0::/a",
        mounts: unified,
        files: ["/sys/fs/cgroup/a/cpu.max": "max 100000"],
        quota: nil
    ),
    System(
        name: "version 2 in a container",
        cgroup: "0::/",
        mounts: unified,
        files: ["/sys/fs/cgroup/cpu.max": "150000 100000"],
        quota: 1.5
    ),
    System(
        name: "version 2, a group above is the least",
        cgroup: "0::/pods/pod/container",
        mounts: unified,
        files: [
            "/sys/fs/cgroup/pods/pod/container/cpu.max": "max 100000",
            "/sys/fs/cgroup/pods/pod/cpu.max": "50000 100000",
            "/sys/fs/cgroup/pods/cpu.max": "400000 100000",
        ],
        quota: 0.5
    ),
    System(
        name: "version 1",
        cgroup: "4:memory:/m\n5:cpu,cpuacct:/docker/x",
        mounts: first,
        files: [
            "/sys/fs/cgroup/cpu,cpuacct/docker/x/cpu.cfs_quota_us": "200000",
            "/sys/fs/cgroup/cpu,cpuacct/docker/x/cpu.cfs_period_us": "50000",
            "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "-1",
            "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000",
        ],
        quota: 4
    ),
    System(
        name: "version 1, no limit",
        cgroup: "5:cpu,cpuacct:/c",
        mounts: first,
        files: [
            "/sys/fs/cgroup/cpu,cpuacct/c/cpu.cfs_quota_us": "-1",
            "/sys/fs/cgroup/cpu,cpuacct/c/cpu.cfs_period_us": "100000",
        ],
        quota: nil
    ),
    System(
        name: "both versions, as systemd mounts them",
        cgroup: "5:cpu,cpuacct:/c\n0::/u",
        mounts: first + "\n" + unified,
        files: [
            "/sys/fs/cgroup/cpu,cpuacct/c/cpu.cfs_quota_us": "300000",
            "/sys/fs/cgroup/cpu,cpuacct/c/cpu.cfs_period_us": "100000",
        ],
        quota: 3
    ),
    System(
        name: "what makes no sense is no limit",
        cgroup: "0::/a",
        mounts: unified,
        files: [
            "/sys/fs/cgroup/a/cpu.max": "100000 0", "/sys/fs/cgroup/cpu.max": "-5 100000",
        ],
        quota: nil
    ),
]

@Suite struct ProcessorsTests {
    @Test("finds the least CPU time that its control groups grant", arguments: systems)
    private func quota(system: System) throws {
        let described = ["/proc/self/cgroup": system.cgroup, "/proc/self/mountinfo": system.mounts]
        try withFiles(described.merging(system.files) { $1 }) { root in
            #expect(Processors(root: root).quota == system.quota)
        }
    }

    @Test(
        "counts the processors of the affinity mask",
        arguments: [
            ("ff", 8), ("1", 1), ("00000000,00000003", 2), ("ffff,ffffffff", 48), ("5", 2),
        ]
    )
    func affinity(mask: String, expected: Int) throws {
        let status = "Name:\tserver\nCpus_allowed:\t\(mask)\nCpus_allowed_list:\t0-7"
        try withFiles(["/proc/self/status": status]) { root in
            #expect(Processors(root: root).affinity == expected)
        }
        #expect(Processors(root: "/nowhere").affinity == nil)
    }

    @Test(
        "a part of a processor is rounded up, and the least of all limits holds",
        arguments: [
            ("10000 100000", "ff", 1), ("max 100000", "1", 1), ("100000 100000", "ff", 1),
            ("101000 100000", "3", 2),
        ]
    )
    func count(quota: String, mask: String, expected: Int) throws {
        let files = [
            "/proc/self/cgroup": "0::/", "/proc/self/mountinfo": unified,
            "/sys/fs/cgroup/cpu.max": quota, "/proc/self/status": "Cpus_allowed:\t\(mask)",
        ]
        let machine = ProcessInfo.processInfo.processorCount
        try withFiles(files) { root in
            #expect(Processors(root: root).count == min(expected, machine))
        }
    }

    @Test("knows this machine")
    func machine() throws {
        #expect((1...4096).contains(Processors().count))
        #expect(Processors().affinity != nil)
    }

    /// Calls `use` with a directory that has these files, by path.
    private func withFiles(_ files: [String: String], _ use: (String) -> Void) throws {
        let root = NSTemporaryDirectory() + "elman-machine-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: root) }
        for (path, text) in files {
            let place = URL(fileURLWithPath: root + path)
            try FileManager.default.createDirectory(
                at: place.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try Data((text + "\n").utf8).write(to: place)
        }
        use(root)
    }
}
