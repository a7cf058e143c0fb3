import Foundation
import Testing

/// Runs the built `trainer` program, as a user does.
struct Trainer {
    struct Result {
        let status: Int32
        let output: String
        let messages: String

        /// The output as a JSON object.
        func json() throws -> [String: Any] {
            let object = try JSONSerialization.jsonObject(with: Data(output.utf8))
            return try #require(object as? [String: Any])
        }
    }

    /// Beside the test program, where the package manager puts all programs.
    static let program: URL = {
        signal(SIGPIPE, SIG_IGN)
        let tests = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        return tests.deletingLastPathComponent().appending(path: "trainer")
    }()

    static let repository = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// A path in the repository.
    static func path(_ name: String) -> String { repository.appending(path: name).path }

    /// Runs the program to its end.
    static func run(_ arguments: [String], input: Data = Data()) throws -> Result {
        let running = try Running(arguments)
        // A program that ends before it has read everything is no mistake of the test.
        if !input.isEmpty { try? running.input.write(contentsOf: input) }
        return try running.end()
    }

    /// A program that has been started.
    final class Running {
        let process = Process()
        private let inputPipe = Pipe()
        private let outputFile: URL
        private let messageFile: URL
        private let directory: URL

        var input: FileHandle { inputPipe.fileHandleForWriting }
        var messages: String { (try? String(contentsOf: messageFile, encoding: .utf8)) ?? "" }

        init(_ arguments: [String]) throws {
            // Files, not pipes: nobody has to read them while the program runs.
            directory = FileManager.default.temporaryDirectory.appending(
                path: "elman-\(UUID().uuidString)"
            )
            try FileManager.default.createDirectory(
                at: directory,
                withIntermediateDirectories: true
            )
            outputFile = directory.appending(path: "output")
            messageFile = directory.appending(path: "messages")
            for file in [outputFile, messageFile] { try Data().write(to: file) }
            process.executableURL = Trainer.program
            process.arguments = arguments
            process.currentDirectoryURL = directory
            process.standardInput = inputPipe
            process.standardOutput = try FileHandle(forWritingTo: outputFile)
            process.standardError = try FileHandle(forWritingTo: messageFile)
            try process.run()
        }

        /// Waits until `condition` holds; a deadline far beyond what any test needs.
        func wait(until condition: () throws -> Bool) throws {
            let deadline = Date(timeIntervalSinceNow: 60)
            while try !condition() {
                guard Date() < deadline else {
                    process.terminate()
                    Issue.record("Nothing happened for a minute: \(messages)")
                    return
                }
                Thread.sleep(forTimeInterval: 0.01)
            }
        }

        /// Ends the input and waits for the program.
        func end() throws -> Result {
            try? input.close()
            try wait { !process.isRunning }
            process.waitUntilExit()
            defer { try? FileManager.default.removeItem(at: directory) }
            return Result(
                status: process.terminationReason == .exit
                    ? process.terminationStatus : 128 + process.terminationStatus,
                output: try String(contentsOf: outputFile, encoding: .utf8),
                messages: messages
            )
        }
    }
}

/// A directory that is removed with its owner.
final class TemporaryDirectory {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "elman-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []).sorted()
    }

    func path(_ name: String) -> String { url.appending(path: name).path }

    /// Writes a file and returns its path.
    func file(_ name: String, _ contents: String) throws -> String {
        try file(name, Data(contents.utf8))
    }

    func file(_ name: String, _ contents: Data) throws -> String {
        try contents.write(to: url.appending(path: name))
        return path(name)
    }
}
