internal import Store

/// Why there are no rows: the model has none, or there is no such model.
func missingExamples(
    of model: String,
    in store: any Store
) throws(ServiceError) -> ServiceError {
    let found = try storing { () throws(StoreError) in try store.model(model) }
    return found == nil ? .modelNotFound : .noExamples
}
