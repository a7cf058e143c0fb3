import Foundation
import Memory
import Testing

/// What a machine tells of itself in files.
private struct Machine {
    let name: String
    let cgroup: String
    let mounts: String
    /// Limits by their paths.
    let limits: [String: String]
    let expected: Int?

    /// What the kernel tells of groups and mounts, by path.
    var files: [String: String] {
        ["/proc/self/cgroup": cgroup, "/proc/self/mountinfo": mounts]
    }
}

private let unified = "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw"
private let memory = "33 23 0:29 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory"

private let machines = [
    Machine(name: "none", cgroup: "", mounts: "", limits: [:], expected: nil),
    Machine(
        name: "version 2, its own group",
        cgroup: "0::/a/b",
        mounts: unified,
        limits: ["/sys/fs/cgroup/a/b/memory.max": "256000000"],
        expected: 256_000_000
    ),
    Machine(
        name: "version 2, a group above",
        cgroup: "0::/a/b",
        mounts: unified,
        limits: [
            "/sys/fs/cgroup/a/b/memory.max": "max", "/sys/fs/cgroup/a/memory.max": "5000",
        ],
        expected: 5000
    ),
    Machine(
        name: "version 2, no limit",
        cgroup: "0::/a",
        mounts: unified,
        limits: ["/sys/fs/cgroup/a/memory.max": "max"],
        expected: nil
    ),
    Machine(
        name: "version 2 in a container",
        cgroup: "0::/",
        mounts: unified,
        limits: ["/sys/fs/cgroup/memory.max": "7000"],
        expected: 7000
    ),
    Machine(
        name: "version 2, the host's group mounted",
        cgroup: "0::/docker/x",
        mounts: "30 23 0:26 /docker/x /sys/fs/cgroup ro - cgroup2 cgroup2 rw",
        limits: ["/sys/fs/cgroup/memory.max": "8000"],
        expected: 8000
    ),
    Machine(
        name: "version 1",
        cgroup: "5:cpu:/c\n4:memory:/m/n",
        mounts: memory,
        limits: [
            "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712",
            "/sys/fs/cgroup/memory/m/n/memory.limit_in_bytes": "12000",
        ],
        expected: 12000
    ),
    Machine(
        name: "both versions",
        cgroup: "4:memory:/m\n0::/u",
        mounts: memory + "\n" + unified,
        limits: [
            "/sys/fs/cgroup/memory/m/memory.limit_in_bytes": "12000",
            "/sys/fs/cgroup/u/memory.max": "11000",
        ],
        expected: 11000
    ),
]

@Suite struct SystemMemoryTests {
    @Test("finds the least limit of its control groups", arguments: machines.indices)
    func findsLimit(index: Int) throws {
        let machine = machines[index]
        let files = machine.files.merging(machine.limits, uniquingKeysWith: { $1 })
        try withFiles(files) { root in
            #expect(SystemMemory(root: root).groupLimit == machine.expected, "\(machine.name)")
        }
    }

    @Test(
        "finds the kernel's count of kills: of its own group, in either version, else all",
        arguments: [
            ("0::/a/b", ["/sys/fs/cgroup/a/b/memory.events": "oom 3\noom_kill 2"], 2),
            ("0::/a/b", ["/sys/fs/cgroup/a/memory.events": "oom_kill 2"], 7),
            (
                "9:cpu:/\n3:memory:/m",
                ["/sys/fs/cgroup/memory/m/memory.oom_control": "oom_kill 1"], 1
            ),
            ("3:memory:/m", ["/sys/fs/cgroup/memory/m/memory.oom_control": "under_oom 0"], 7),
            ("", [:], 7),
        ]
    )
    func findsKills(cgroup: String, counters: [String: String], expected: Int) throws {
        let machine = Machine(
            name: "",
            cgroup: cgroup,
            mounts: memory + "\n" + unified,
            limits: [:],
            expected: nil
        )
        var files = machine.files.merging(counters, uniquingKeysWith: { $1 })
        files["/proc/vmstat"] = "nr_free_pages 1\noom_kill 7"
        try withFiles(files) { root in
            #expect(SystemMemory(root: root).outOfMemoryKills == expected)
        }
        #expect(SystemMemory(root: "/nowhere").outOfMemoryKills == nil)
    }

    /// Calls `use` with a directory that has these files, by path.
    private func withFiles(_ files: [String: String], _ use: (String) -> Void) throws {
        let root = NSTemporaryDirectory() + "elman-memory-\(UUID().uuidString)"
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

    @Test("knows this machine")
    func knowsMachine() {
        #expect(SystemMemory().bytes > 16 << 20)
        #expect(MemoryBudget.systemLimit >= MemoryBudget.leastLimit)
    }
}
