internal import Digest
internal import Store

/// Why a version cannot serve.
enum LoadError: Error {
    case missing
    case store(StoreError)
    case checkpoint(String)
    /// There is no memory for it; reading it takes so many bytes.
    case memory(needed: Int)

    var detail: String {
        switch self {
        case .missing: "it is not in the store"
        case .store: "the store did not answer"
        case .checkpoint(let detail): detail
        case .memory(let needed):
            "takes \((needed - 1) >> 20 + 1) MiB of memory to load, which are not free (--memory)"
        }
    }
}

extension Store {
    /// A version and its bytes, which match its digest.
    func load(_ model: String, _ number: Int) throws(LoadError) -> (LiveVersion, [UInt8]) {
        let record: VersionRecord?
        let stored: [UInt8]?
        do throws(StoreError) {
            record = try version(model, number)
            stored = try checkpointBytes(model, number)
        } catch { throw .store(error) }
        guard let digest = record?.digest, let bytes = stored else { throw .missing }
        guard SHA256.hexadecimal(of: bytes) == digest else {
            throw .checkpoint("its bytes do not match their digest")
        }
        return (LiveVersion(model: model, version: number, digest: digest), bytes)
    }
}
