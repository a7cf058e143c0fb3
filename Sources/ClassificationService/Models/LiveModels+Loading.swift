internal import JSON
internal import Memory
internal import Model
internal import Store

/// From bytes to what serves.
extension LiveModels {
    func load(
        _ model: String,
        _ version: Int,
        _ progress: inout Progress
    ) throws(LoadError) -> ServedModel {
        let (stored, bytes) = try store.load(model, version)
        return try prepare(stored, bytes, &progress)
    }

    /// Checks a version as if a stranger had sent its bytes, and makes it ready to serve.
    ///
    /// - Parameters:
    ///   - version: what the store says of it.
    ///   - bytes: the checkpoint; their SHA-256 is the version's digest.
    ///   - progress: what may leave for it.
    /// - Returns: the version, ready to serve.
    /// - Throws: `LoadError` if the bytes are no usable checkpoint, or there is no memory for it.
    func prepare(
        _ version: LiveVersion,
        _ bytes: [UInt8],
        _ progress: inout Progress
    ) throws(LoadError) -> ServedModel {
        let taken = try makeRoom(toRead: bytes, &progress)
        defer { withExtendedLifetime(taken) {} }
        let checkpoint: Checkpoint
        do throws(CheckpointError) {
            checkpoint = try Checkpoint(
                parsing: bytes,
                source: "\(version.model) \(version.version)"
            )
        } catch { throw .checkpoint("\(error.field) \(error.reason)") }
        return try serve(version, checkpoint)
    }

    /// Makes a checkpoint ready to serve; it has been read within what `makeRoom` took.
    func serve(
        _ version: LiveVersion,
        _ checkpoint: Checkpoint
    ) throws(LoadError) -> ServedModel {
        do throws(CheckpointError) {
            let bytes = checkpoint.servingBytes
            return ServedModel(
                version,
                classifier: try TextClassifier(checkpoint),
                metrics: metrics,
                textRule: textRule,
                memory: memory,
                tap: taps.tap(of: version.model),
                // It is within what was taken to read it, which is given back next.
                taken: budget.count(bytes, for: .model)
            )
        } catch { throw .checkpoint("\(error.field) \(error.reason)") }
    }

    /// Takes memory to read a checkpoint; what was asked for the longest ago leaves for it.
    ///
    /// - Throws: `LoadError.memory` when all has left and it is not enough.
    func makeRoom(
        toRead bytes: [UInt8],
        _ progress: inout Progress
    ) throws(LoadError) -> MemoryReservation {
        let json = bytes.withUnsafeBytes(JSONParser.bytesNeeded(toParse:))
        // The bytes, the tensors, and those once more as they serve.
        let needed = json + 3 * bytes.count
        while true {
            if let taken = budget.reserve(needed, for: .model) { return taken }
            if others.removeAll() { continue }
            // What leaves must be worth it.
            guard budget.hasRoom(for: needed - progress.loaded.byteCount, .model),
                progress.loaded.evictOldest()
            else { throw .memory(needed: needed) }
            publish(progress)
        }
    }
}

extension Checkpoint {
    /// About what it takes when it serves: its weights as they are and as the kernels want them,
    /// and its words with what is known of each.
    var servingBytes: Int {
        let weights = tensors.values.reduce(0) { $0 + $1.values.count }
        return 3 * MemoryLayout<Float>.size * weights + 256 * vocabulary.count
    }
}
