import Foundation

/// A terminal that a test looks at.
final class PseudoTerminal {
    private let master: Int32
    /// What the program writes to.
    let slave: FileHandle

    init() throws {
        // Linux's own way: posix_openpt and its kin are not visible to Swift.
        master = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        var unlocked: Int32 = 0
        var number: Int32 = 0
        let (unlock, getNumber): (UInt, UInt) = (0x4004_5431, 0x8004_5430)
        guard master >= 0, ioctl(master, unlock, &unlocked) == 0,
            ioctl(master, getNumber, &number) == 0
        else { throw POSIXError(.ENOTTY) }
        let descriptor = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
        guard descriptor >= 0 else { throw POSIXError(.ENOTTY) }
        slave = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
    }

    deinit { close(master) }

    /// What is shown until `process` has ended.
    func readUntilClosed(after process: Process) -> String {
        try? slave.close()
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            // Fails once the last writer is gone.
            let count = read(master, &buffer, buffer.count)
            guard count > 0 else { break }
            bytes += buffer.prefix(count)
        }
        process.waitUntilExit()
        return String(decoding: bytes, as: UTF8.self)
    }
}
