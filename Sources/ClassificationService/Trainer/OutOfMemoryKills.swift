/// How many processes the kernel has killed because memory ran out, in the control group of this
/// process, to which its children belong too.
enum OutOfMemoryKills {
    /// The number so far; nil if the kernel does not tell.
    static var count: Int? {
        let groups = textOfSystemFile("/proc/self/cgroup") ?? ""
        for (path, counter) in files(groups) {
            guard let text = textOfSystemFile(path) else { continue }
            if let count = value(of: counter, in: text) { return count }
        }
        return nil
    }

    /// Where the number may stand, the best first, by what `/proc/self/cgroup` says.
    static func files(_ groups: String) -> [(path: String, counter: String)] {
        var files: [(path: String, counter: String)] = []
        for line in groups.split(separator: "\n") {
            // Number, controllers and path; version 2 has the number 0 and no controllers.
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            let controllers = parts[1].split(separator: ",")
            // A container sees its own group as the root, whatever the path says.
            let places = parts[2] == "/" ? [""] : [String(parts[2]), ""]
            for place in places {
                if parts[0] == "0" && controllers.isEmpty {
                    files.append(("/sys/fs/cgroup\(place)/memory.events", "oom_kill"))
                } else if controllers.contains("memory") {
                    files.append(("/sys/fs/cgroup/memory\(place)/memory.oom_control", "oom_kill"))
                }
            }
        }
        // The whole machine's.
        return files + [("/proc/vmstat", "oom_kill")]
    }

    /// The number behind a name, one such pair a line.
    static func value(of name: String, in text: String) -> Int? {
        for line in text.split(separator: "\n") {
            let pair = line.split(separator: " ")
            if pair.count == 2 && pair[0] == name { return Int(pair[1]) }
        }
        return nil
    }
}
