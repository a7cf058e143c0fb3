internal import Glibc

/// The control groups that this process is in, of version 1 and 2.
package struct ControlGroups: Sendable {
    /// The groups of one hierarchy.
    package struct Hierarchy: Sendable {
        /// Whether it is that of version 2.
        package let isUnified: Bool
        /// The directory of the process's group and of all above it that can be seen here.
        package let directories: [String]
    }

    /// Where the file system begins; another place only in tests.
    private let root: String

    /// - Parameter root: where the file system begins.
    package init(root: String = "") { self.root = root }

    /// The hierarchies in which a controller, such as `memory` or `cpu`, may limit this process.
    package func hierarchies(of controller: Substring) -> [Hierarchy] {
        let mounts = lines(of: "/proc/self/mountinfo").compactMap {
            Mount($0, controller: controller)
        }
        return lines(of: "/proc/self/cgroup").flatMap { line in
            // As in "4:memory:/group" of version 1 and "0::/group" of version 2.
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { return [Hierarchy]() }
            let isUnified = parts[1].isEmpty
            guard isUnified || parts[1].split(separator: ",").contains(controller) else {
                return []
            }
            return mounts.filter { $0.isUnified == isUnified }.map {
                Hierarchy(isUnified: isUnified, directories: $0.directories(of: parts[2]))
            }
        }
    }

    /// The lines of a file; none if it cannot be read.
    package func lines(of path: String) -> [Substring] {
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

/// A mounted hierarchy of control groups that may have a controller.
private struct Mount {
    let isUnified: Bool
    /// The group that is mounted.
    let group: Substring
    let place: Substring

    /// Reads a line of mountinfo: `36 35 98:0 /group /place options - type source options`.
    init?(_ line: Substring, controller: Substring) {
        let parts = line.split(separator: " ")
        guard let end = parts.firstIndex(of: "-"), end >= 6, parts.count > end + 3 else {
            return nil
        }
        isUnified = parts[end + 1] == "cgroup2"
        let hasController =
            parts[end + 1] == "cgroup"
            && parts[end + 3].split(separator: ",").contains(controller)
        guard isUnified || hasController else { return nil }
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
