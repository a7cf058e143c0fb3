internal import SQLStore

/// The values of a statement, in PostgreSQL's binary form.
struct Parameters {
    private var bytes: [UInt8] = []
    /// Where each value is among the bytes; nil for NULL.
    private var places: [Range<Int>?] = []
    /// The types of the values, as PostgreSQL numbers them.
    private(set) var types: [UInt32] = []

    init(_ values: [SQLValue]) {
        places.reserveCapacity(values.count)
        types.reserveCapacity(values.count)
        for value in values { add(value) }
    }

    private mutating func add(_ value: SQLValue) {
        let start = bytes.count
        switch value {
        case .integer(let number):
            types.append(20)
            if let number { bytes.append(bigEndian: UInt64(bitPattern: Int64(number))) }
        case .real(let number):
            types.append(701)
            if let number { bytes.append(bigEndian: number.bitPattern) }
        case .text(let text):
            types.append(25)
            if let text { StoredText.append(text, to: &bytes) }
        case .blob(let blob):
            types.append(17)
            if let blob { bytes.append(contentsOf: blob) }
        }
        places.append(value.isNull ? nil : start..<bytes.count)
    }

    /// Lends the values in the form that libpq takes.
    func withPointers<Result>(
        _ body: (
            _ values: UnsafePointer<UnsafePointer<CChar>?>,
            _ lengths: UnsafePointer<Int32>,
            _ formats: UnsafePointer<Int32>
        ) -> Result
    ) -> Result {
        let lengths = places.map { Int32($0?.count ?? 0) } + [0]
        let formats = [Int32](repeating: 1, count: places.count + 1)
        // One byte more, so that an empty value has an address too.
        return (bytes + [0]).withUnsafeBytes { bytes in
            let start = bytes.bindMemory(to: CChar.self).baseAddress
            let pointers = places.map { place in
                place.flatMap { start?.advanced(by: $0.lowerBound) }
            }
            return (pointers + [nil]).withUnsafeBufferPointer { pointers in
                guard let first = pointers.baseAddress else { fatalError("it has an element") }
                return body(first, lengths, formats)
            }
        }
    }
}

extension SQLValue {
    fileprivate var isNull: Bool {
        switch self {
        case .integer(let value): value == nil
        case .real(let value): value == nil
        case .text(let value): value == nil
        case .blob(let value): value == nil
        }
    }
}

extension [UInt8] {
    fileprivate mutating func append(bigEndian number: UInt64) {
        Swift.withUnsafeBytes(of: number.bigEndian) { append(contentsOf: $0) }
    }
}
