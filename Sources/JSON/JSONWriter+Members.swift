extension JSONWriter {
    /// Writes a member that is an array; `element` writes one value for each element.
    public mutating func member<Elements: Sequence>(
        _ name: String,
        array elements: Elements,
        _ element: (Elements.Element, inout JSONWriter) -> Void
    ) {
        key(name)
        beginArray()
        for each in elements { element(each, &self) }
        endArray()
    }

    /// Writes a member that is an array of objects; `members` writes what stands in each.
    public mutating func member<Elements: Sequence>(
        _ name: String,
        objects elements: Elements,
        _ members: (Elements.Element, inout JSONWriter) -> Void
    ) {
        member(name, array: elements) { each, writer in
            writer.beginObject()
            members(each, &writer)
            writer.endObject()
        }
    }

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
