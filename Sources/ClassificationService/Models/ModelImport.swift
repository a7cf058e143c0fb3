internal import Digest
internal import Logging
internal import Memory
internal import Model
internal import Store

/// Brings a checkpoint file into the store.
///
/// A file that was imported before is known by its digest and is not parsed for that; whoever
/// serves it reads it then, once.
struct ModelImport {
    let store: any Store
    let log: Logger

    /// What a file has become.
    struct Imported {
        let version: LiveVersion
        /// Whether it is the model's live version.
        let isLive: Bool
        /// The file, whose SHA-256 is the version's digest.
        let bytes: [UInt8]
        /// What the import has read, and the memory for that; nil for a known file.
        let read: (checkpoint: Checkpoint, memory: MemoryReservation)?
    }

    /// Reads a file; the store says whether it is new.
    ///
    /// - Parameters:
    ///   - file: its name.
    ///   - directory: where it is.
    ///   - makeRoom: takes the memory that reading it needs.
    /// - Returns: what it has become.
    /// - Throws: `CheckpointError` if it is no usable checkpoint, `StoreError` if the store does
    ///   not take it.
    func run(
        _ file: String,
        in directory: ModelDirectory,
        _ makeRoom: ([UInt8]) throws(LoadError) -> MemoryReservation
    ) throws -> Imported {
        let bytes = try CheckpointFile.read(directory.path + "/" + file)
        let digest = SHA256.hexadecimal(of: bytes)
        if let (model, known) = try store.importKnownFile(digest: digest) {
            return imported(model, known, digest: digest, bytes, nil)
        }
        let taken = try makeRoom(bytes)
        let checkpoint = try Checkpoint(parsing: bytes, source: file)
        let result = try store.importCheckpoint(
            ImportedCheckpoint(
                bytes: bytes,
                digest: digest,
                origin: .file,
                dataDigest: checkpoint.training.dataDigest,
                metrics: checkpoint.training.encodedMetrics()
            ),
            of: checkpoint.model
        )
        if case .new(let version, let isLive) = result {
            log.notice(
                isLive ? "file_imported" : "file_imported_as_candidate",
                metadata: [
                    "file": "\(file)", "model": "\(checkpoint.model)", "version": "\(version)",
                ]
            )
        }
        return imported(checkpoint.model, result, digest: digest, bytes, (checkpoint, taken))
    }

    private func imported(
        _ model: String,
        _ result: ImportResult,
        digest: String,
        _ bytes: [UInt8],
        _ read: (checkpoint: Checkpoint, memory: MemoryReservation)?
    ) -> Imported {
        let (version, isLive) =
            switch result {
            case .new(let version, let isLive), .known(let version, let isLive): (version, isLive)
            }
        return Imported(
            version: LiveVersion(model: model, version: version, digest: digest),
            isLive: isLive,
            bytes: bytes,
            read: read
        )
    }
}
