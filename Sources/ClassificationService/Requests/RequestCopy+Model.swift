internal import Model
internal import Store

extension RequestCopy {
    /// The model in the path, which may be new but must have a good name.
    func newModel() throws(ServiceError) -> String {
        guard NameRule.lowerCase.allows(model) else { throw .modelNotFound }
        return model
    }

    /// The version that the path names.
    func storedVersion(in store: any Store) throws(ServiceError) -> VersionRecord {
        let record = try storing { () throws(StoreError) in try store.model(model) }
        guard record != nil else { throw .modelNotFound }
        guard let number = pathNumber(version) else { throw .versionNotFound }
        let version = try storing { () throws(StoreError) in try store.version(model, number) }
        guard let version else { throw .versionNotFound }
        return version
    }
}
