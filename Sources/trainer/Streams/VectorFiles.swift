internal import Model
internal import Vectors

/// Files of word vectors.
enum VectorFiles {
    /// The vectors of a file, which is read as it comes.
    ///
    /// - Throws: `Failure` that names the bad lines, up to twenty.
    static func read(_ path: String) throws -> WordVectors {
        let input = try InputFile(path)
        let name = input.name
        var reader = VectorReader(name: String(name.split(separator: "/").last ?? "vectors"))
        do {
            var bytes: [UInt8] = []
            while try input.read(into: &bytes) {
                try bytes.withUnsafeBytes { try reader.take($0) }
                bytes.removeAll(keepingCapacity: true)
            }
            return try reader.finish()
        } catch let error as VectorFileError {
            throw Failure(.badData, VectorFiles.message(error, name))
        }
    }

    /// A sentence a line, each with the file's name.
    private static func message(_ error: VectorFileError, _ name: String) -> String {
        switch error {
        case .badLines(let lines):
            lines.map { "\(name):\($0.line): \($0.problem)" }.joined(separator: "\n")
        default: "\(name) \(error)"
        }
    }
}
