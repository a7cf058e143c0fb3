import Foundation
import Model
import Testing

@Suite struct CheckpointFileTests {
    @Test("writes a file that reads back, over an older one, and leaves nothing beside it")
    func writes() throws {
        try inTemporaryDirectory { directory in
            let path = directory + "/mood.json"
            try CheckpointFile.write([1, 2, 3], to: path)
            #expect(try CheckpointFile.read(path) == [1, 2, 3])
            let bytes = try SampleCheckpoint.make().encoded()
            try CheckpointFile.write(bytes, to: path)
            #expect(try Checkpoint(contentsOf: path) == SampleCheckpoint.make())
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["mood.json"])
        }
    }

    @Test("a write that fails leaves the old file and no temporary one")
    func failedWrite() throws {
        try inTemporaryDirectory { directory in
            #expect(throws: CheckpointError.self) {
                try CheckpointFile.write([1], to: directory + "/none/mood.json")
            }
            // A directory cannot be replaced by a file.
            try FileManager.default.createDirectory(
                atPath: directory + "/taken/inside",
                withIntermediateDirectories: true
            )
            #expect(throws: CheckpointError.self) {
                try CheckpointFile.write([1], to: directory + "/taken")
            }
            #expect(throws: CheckpointError.self) {
                try CheckpointFile.write([1], to: directory + "/")
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["taken"])
        }
    }

    @Test("refuses at once what is no regular file, and names it")
    func notRegular() throws {
        try inTemporaryDirectory { directory in
            let pipe = directory + "/pipe.json"
            #expect(mkfifo(pipe, 0o600) == 0)
            let link = directory + "/link.json"
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: pipe)
            for path in [pipe, link, directory, "/dev/zero", "/dev/null"] {
                let error = #expect(throws: CheckpointError.self) { try CheckpointFile.read(path) }
                #expect(error?.problem == .notARegularFile)
                #expect(error?.source == path)
            }
        }
    }

    @Test("follows a symbolic link to a regular file only if asked to")
    func links() throws {
        try inTemporaryDirectory { directory in
            try CheckpointFile.write([1], to: directory + "/a")
            let link = directory + "/b"
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "a")
            #expect(try CheckpointFile.read(link) == [1])
            let error = #expect(throws: CheckpointError.self) {
                try CheckpointFile.read(link, followsLinks: false)
            }
            #expect(error?.problem == .notARegularFile)
        }
    }

    @Test("refuses a file over the limit without reading it")
    func tooLarge() throws {
        try inTemporaryDirectory { directory in
            let path = directory + "/large.json"
            #expect(FileManager.default.createFile(atPath: path, contents: nil))
            // Sparse: takes no space.
            #expect(truncate(path, 65 << 20) == 0)
            let error = #expect(throws: CheckpointError.self) { try CheckpointFile.read(path) }
            #expect(error?.problem == .tooLarge(limit: CheckpointFile.maximumBytes))
        }
    }

    @Test("a file that is missing, or has a zero byte in its name, is unreadable")
    func missing() {
        for path in ["/nowhere/mood.json", "", "a\u{0}b"] {
            #expect(throws: CheckpointError.self) { try CheckpointFile.read(path) }
        }
    }

    private func inTemporaryDirectory(_ body: (String) throws -> Void) throws {
        let url = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: url) }
        try body(url.path)
    }
}
