internal import Store
internal import Synchronization

/// The few versions that were asked for by number and are not live; the one unused longest goes.
final class VersionCache: Sendable {
    private let versions = Mutex<[ServedModel]>([])
    private let capacity: Int

    init(capacity: Int) { self.capacity = capacity }

    func find(_ model: String, _ version: Int) -> ServedModel? {
        versions.withLock { versions in
            let index = versions.firstIndex { $0.version == version && $0.name == model }
            guard let index else { return nil }
            let found = versions.remove(at: index)
            versions.append(found)
            return found
        }
    }

    /// Takes out what is to serve; nil if it is not here.
    func take(_ version: LiveVersion) -> ServedModel? {
        versions.withLock { versions in
            let index = versions.firstIndex {
                $0.identity == version
            }
            return index.map { versions.remove(at: $0) }
        }
    }

    /// Lets go of what was deleted.
    func remove(_ model: String, _ version: Int) {
        versions.withLock { $0.removeAll { $0.name == model && $0.version == version } }
    }

    /// Lets go of all; false if there were none.
    func removeAll() -> Bool {
        versions.withLock { versions in
            defer { versions = [] }
            return !versions.isEmpty
        }
    }

    func keep(_ version: ServedModel) {
        versions.withLock { versions in
            versions.append(version)
            if versions.count > capacity { versions.removeFirst() }
        }
    }
}
