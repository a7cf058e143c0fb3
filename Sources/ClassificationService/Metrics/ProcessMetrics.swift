internal import Glibc

/// What the kernel says of this process, under the names that every Prometheus client uses.
struct ProcessMetrics: Sendable {
    private let startMilliseconds = Timestamp.nowMilliseconds()

    func write(to text: inout String) {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let cpu =
            Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
            + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
        metric("process_cpu_seconds_total", "counter", "User and system time.", "\(cpu)", &text)
        metric(
            "process_start_time_seconds",
            "gauge",
            "Start, in seconds since 1970.",
            "\(Double(startMilliseconds) / 1000)",
            &text
        )
        if let pages = Self.residentPages() {
            metric(
                "process_resident_memory_bytes",
                "gauge",
                "Resident memory.",
                "\(pages * sysconf(Int32(_SC_PAGESIZE)))",
                &text
            )
        }
        if let descriptors = Self.openDescriptors() {
            metric("process_open_fds", "gauge", "Open files.", "\(descriptors)", &text)
        }
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        metric("process_max_fds", "gauge", "Files that may be open.", "\(limit.rlim_cur)", &text)
    }

    private func metric(
        _ name: String,
        _ type: String,
        _ help: String,
        _ value: String,
        _ text: inout String
    ) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n\(name) \(value)\n"
    }

    /// The second number of /proc/self/statm.
    private static func residentPages() -> Int? {
        let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        return withUnsafeTemporaryAllocation(byteCount: 256, alignment: 1) { buffer in
            let count = read(descriptor, buffer.baseAddress, buffer.count)
            guard count > 0 else { return nil }
            let numbers = String(decoding: buffer.prefix(count), as: UTF8.self).split(
                separator: " "
            )
            return numbers.count > 1 ? Int(numbers[1]) : nil
        }
    }

    private static func openDescriptors() -> Int? {
        guard let directory = opendir("/proc/self/fd") else { return nil }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        // ".", ".." and the directory itself.
        return count - 3
    }
}
