import Foundation

/// An ext4 file system of its own in a file, whose power can be cut.
///
/// `FS_IOC_SHUTDOWN` makes it forget whatever no one has waited for to be on the disk: data, names
/// and its own journal. What is mounted again is what a machine finds after a power cut.
final class LoopDisk: Sendable {
    private let directory: TestDirectory
    private var image: String { directory.path + "/image" }
    /// Where it is mounted.
    var path: String { directory.path + "/disk" }

    /// Why there can be none here.
    static let obstacle = serverTests.obstacle { try LoopDisk().cutPower() }

    init() throws {
        directory = try TestDirectory()
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: false
        )
        try format()
    }

    deinit { _ = try? run("umount", "--quiet", path) }

    /// Throws the contents away.
    func format() throws {
        _ = try? run("umount", "--quiet", path)
        try run("truncate", "--size", "0", image)
        try run("truncate", "--size", "64M", image)
        try run("mkfs.ext4", "-q", "-e", "remount-ro", image)
        try run("mount", "-o", "loop", image, path)
    }

    /// From now on every write fails, and what was not on the disk is gone.
    func cutPower() throws {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw CommandError(description: "\(path) cannot be opened") }
        defer { close(descriptor) }
        // EXT4_GOING_FLAGS_NOLOGFLUSH
        var flags: UInt32 = 2
        guard ioctl(descriptor, 0x8004_587D, &flags) == 0 else {
            throw CommandError(
                description: "FS_IOC_SHUTDOWN: \(String(cString: strerror(errno)))"
            )
        }
    }

    /// The kernel finds an error and takes no more writes, as it does with a dying disk.
    func becomeReadOnly() throws {
        let device = try run("findmnt", "--noheadings", "--output", "SOURCE", path)
        let name = URL(fileURLWithPath: device).lastPathComponent
        try run("sh", "-c", "echo test > /sys/fs/ext4/\(name)/trigger_fs_error")
    }

    /// Brings the power back, once nobody uses the disk any more.
    func restorePower() throws {
        try wait("the end of all use of the disk") { (try? run("umount", path)) != nil }
        // After an error the kernel wants the file system to be checked; 1 says that it was mended.
        try run("sh", "-c", "e2fsck -fp '\(image)' || test $? = 1")
        try run("mount", "-o", "loop", image, path)
    }
}
