import Foundation

/// A program of the system that ended badly.
struct CommandError: Error, CustomStringConvertible {
    let description: String
}

/// Runs a program of the system to its end.
///
/// - Returns: what it printed.
/// - Throws: `CommandError` with what it said if it is not there or ends badly.
@discardableResult
func run(_ words: String...) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    let output = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    let text = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .newlines)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
        throw CommandError(description: "\(words.joined(separator: " ")): \(text)")
    }
    return text
}

/// What keeps `action` from being done here; nil if nothing does.
func obstacle(to action: () throws -> Void) -> String? {
    do {
        try action()
        return nil
    } catch { return "\(error)" }
}
