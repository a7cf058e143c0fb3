internal import JSON
internal import Memory

extension MemoryBudget {
    /// Takes memory for a request; nil where there is so little to take that nobody counts it.
    ///
    /// - Throws: when it is not there now, or never will be.
    func take(_ bytes: Int, for use: Use) throws(ServiceError) -> MemoryReservation? {
        guard bytes > Self.smallBytes else { return nil }
        if let taken = reserve(bytes, for: use) { return taken }
        throw error(needed: bytes, for: use)
    }

    /// Parses a body.
    ///
    /// - Throws: what is wrong with it, or that there is no memory for it.
    func parse(
        _ bytes: UnsafeRawBufferPointer,
        with parser: JSONParser
    ) throws(ServiceError) -> JSONValue {
        do throws(JSONError) { return try parser.parse(bytes) } catch {
            if case .outOfMemory(let needed) = error {
                throw self.error(needed: needed, for: .work)
            }
            throw .invalidJSON(error.description)
        }
    }

    /// Parses a body with a parser of its own.
    ///
    /// - Throws: what is wrong with it, or that there is no memory for it.
    func parse(_ bytes: [UInt8]) throws(ServiceError) -> JSONValue {
        let parser = JSONParser(memory: self)
        // A closure given to withUnsafeBytes loses the type of the error.
        let result: Result<JSONValue, ServiceError> = bytes.withUnsafeBytes { buffer in
            Result { () throws(ServiceError) in try parse(buffer, with: parser) }
        }
        return try result.get()
    }

    /// Why memory is refused.
    func error(needed: Int, for use: Use) -> ServiceError {
        let isOfBody = use == .body || use == .work
        guard isOfBody && needed > share(of: use) else { return .outOfMemory }
        return .tooMuchMemory(needed: needed, limit: share(of: use))
    }
}
