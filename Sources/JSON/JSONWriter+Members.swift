extension JSONWriter {
    /// Writes a member that may be missing as `null`.
    public mutating func member(_ name: String, int value: Int?) {
        key(name)
        if let value { int(value) } else { null() }
    }

    /// Writes a member that may be missing as `null`.
    public mutating func member(_ name: String, string value: String?) {
        key(name)
        if let value { string(value) } else { null() }
    }

    /// Writes a member that may be missing as `null`.
    public mutating func member(_ name: String, bool value: Bool?) {
        key(name)
        if let value { bool(value) } else { null() }
    }

    /// Writes a member that may be missing, or is no finite number, as `null`.
    public mutating func member(_ name: String, double value: Double?) {
        key(name)
        if let value, value.isFinite { double(value) } else { null() }
    }

    /// Writes a member that may be missing, or is no finite number, as `null`.
    public mutating func member(_ name: String, float value: Float?) {
        key(name)
        if let value, value.isFinite { float(value) } else { null() }
    }

    /// Writes a member that is JSON already, or missing as `null`.
    public mutating func member(_ name: String, raw value: [UInt8]?) {
        key(name)
        if let value, !value.isEmpty { raw(value) } else { null() }
    }
}
