internal import Glibc

/// The directory of checkpoint files, as it was when the service started.
struct ModelDirectory {
    let path: String
    /// The files `*.json` in the order of their names, after that of the model that the file
    /// `default-model` names; those that begin with a dot are left out.
    let files: [String]

    /// A line with the name of a model: its file is imported first, so that it is the oldest model
    /// of a new store.
    private static let defaultModelFile = "default-model"

    /// Lists a directory.
    ///
    /// - Throws: if it cannot be read.
    init(_ path: String) throws(ModelDirectoryError) {
        guard let stream = opendir(path) else {
            throw ModelDirectoryError(directory: path, reason: String(cString: strerror(errno)))
        }
        defer { closedir(stream) }
        var files: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasSuffix(".json") && !name.hasPrefix(".") { files.append(name) }
        }
        self.path = path
        files.sort()
        if let name = ModelDirectory.firstLine(of: path + "/" + ModelDirectory.defaultModelFile) {
            // Also a file that is not there: its import says so.
            let first = name + ".json"
            files = [first] + files.filter { $0 != first }
        }
        self.files = files
    }

    /// The first line without white space at its ends; nil if there is no such file, or nothing in
    /// it.
    private static func firstLine(of path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        // Longer than any model's name.
        var bytes = [CChar](repeating: 0, count: 256)
        guard fgets(&bytes, Int32(bytes.count), file) != nil else { return nil }
        let line = String(
            decoding: bytes.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)),
            as: UTF8.self
        )
        let words = line.split(whereSeparator: \.isWhitespace)
        return words.isEmpty ? nil : words.joined(separator: " ")
    }
}

/// The directory of checkpoint files cannot be read.
public struct ModelDirectoryError: Error, Equatable, Sendable, CustomStringConvertible {
    let directory: String
    let reason: String

    /// One sentence that says what to do.
    public var description: String {
        "the models directory '\(directory)' cannot be read (\(reason)): create it, or name "
            + "another with --models"
    }
}
