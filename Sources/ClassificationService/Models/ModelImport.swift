internal import Digest
internal import Logging
internal import Model
internal import Store

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Musl
#endif

/// Brings the checkpoint files of a directory into the store.
struct ModelImport {
    let store: Store
    let log: Logger

    /// Reads every `*.json`, in the order of names; the store says what is new.
    ///
    /// - Returns: the files that are no usable checkpoints, by name.
    /// - Throws: `ModelDirectoryError` if the directory cannot be read, `StoreError` if the store
    ///   does not take what is new.
    func run(directory: String) throws -> [ServingProblem] {
        var problems: [ServingProblem] = []
        for name in try Self.checkpointNames(in: directory) {
            do {
                let bytes = try CheckpointFile.read(directory + "/" + name)
                let checkpoint = try Checkpoint(parsing: bytes, source: name)
                try store(checkpoint, bytes, name)
            } catch let error as CheckpointError {
                let reason = error.field.isEmpty ? error.reason : "\(error.field) \(error.reason)"
                log.error("file_refused", metadata: ["file": "\(name)", "reason": "\(reason)"])
                problems.append(ServingProblem(detail: "the file \(name) \(reason)"))
            }
        }
        return problems
    }

    private func store(_ checkpoint: Checkpoint, _ bytes: [UInt8], _ file: String) throws {
        let result = try store.importCheckpoint(
            model: checkpoint.model,
            bytes: bytes,
            digest: SHA256.hexadecimal(of: bytes),
            origin: .file,
            dataDigest: checkpoint.training.dataDigest,
            metrics: checkpoint.training.encodedMetrics()
        )
        guard case .new(let version, let isLive) = result else { return }
        log.notice(
            isLive ? "file_imported" : "file_imported_as_candidate",
            metadata: [
                "file": "\(file)", "model": "\(checkpoint.model)", "version": "\(version)",
            ]
        )
    }

    private static func checkpointNames(in directory: String) throws(ModelDirectoryError)
        -> [String]
    {
        guard let stream = opendir(directory) else {
            throw ModelDirectoryError(
                directory: directory,
                reason: String(cString: strerror(errno))
            )
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasSuffix(".json") && !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }
}

/// The directory of checkpoint files cannot be read.
public struct ModelDirectoryError: Error, Equatable, Sendable, CustomStringConvertible {
    let directory: String
    let reason: String

    /// One sentence that says what to do.
    public var description: String {
        "the models directory '\(directory)' cannot be read (\(reason)): create it, or name another "
            + "with --models"
    }
}
