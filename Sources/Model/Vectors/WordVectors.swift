/// Vectors of words that were learnt elsewhere, as a checkpoint holds them: eight bits a number and
/// one scale a word.
///
/// Words that no training row has are among them, so a model knows something of these too.
public struct WordVectors: Sendable, Equatable {
    /// The file that they came from.
    public struct Source: Sendable, Equatable, CustomStringConvertible {
        /// Its name, without a path.
        public var name: String
        /// The SHA-256 of its bytes, in hexadecimal digits.
        public var sha256: String
        /// How many words it has.
        public var words: Int
        /// How many numbers it gives each.
        public var dimensions: Int

        /// Describes a file.
        public init(name: String, sha256: String, words: Int, dimensions: Int) {
            self.name = name
            self.sha256 = sha256
            self.words = words
            self.dimensions = dimensions
        }

        /// The file in a line.
        public var description: String {
            "\(name), \(words) words of \(dimensions) dimensions, SHA-256 \(sha256)"
        }
    }

    /// Numbers of dimensions that are accepted.
    public static let allowedDimensions = 1...256
    /// Numbers of words that are accepted.
    public static let allowedCounts = 1...100_000

    /// Where they came from.
    public let source: Source
    /// How many numbers each word has.
    public let dimensions: Int
    private let table: StringTable
    /// (words × dimensions).
    private let values: [Int8]
    /// What the numbers of each word are multiplied by.
    private let scales: [Float]

    /// Takes vectors of `words` in their order, `values` (words × dims); nil if a word is there
    /// twice.
    init?(source: Source, words: [String], values: [Int8], scales: [Float]) {
        precondition(scales.count == words.count && !words.isEmpty, "A scale for each word")
        precondition(values.count % words.count == 0, "Equally many values for each word")
        guard let table = StringTable(distinct: words) else { return nil }
        self.source = source
        self.table = table
        self.values = values
        self.scales = scales
        dimensions = values.count / words.count
    }

    /// Rounds `vectors`, (words × dimensions) and finite, to eight bits; nil if a word, as the
    /// tokenizer spells it, stands there twice.
    public init?(source: Source, words: [String], rounding vectors: [Float]) {
        let dimensions = vectors.count / max(words.count, 1)
        var values: [Int8] = []
        values.reserveCapacity(vectors.count)
        var scales: [Float] = []
        for word in words.indices {
            let row = vectors[(word * dimensions)..<((word + 1) * dimensions)]
            let greatest = row.reduce(0) { max($0, abs($1)) }
            let scale = greatest > 0 ? greatest / 127 : 1
            scales.append(scale)
            for value in row { values.append(Int8((value / scale).rounded())) }
        }
        self.init(source: source, words: words, values: values, scales: scales)
    }

    /// How many words have a vector.
    public var count: Int { scales.count }

    /// The row of a token; nil if it has no vector.
    ///
    /// - Complexity: O(length) expected; allocates nothing.
    package func row(of token: UnsafeBufferPointer<UInt8>) -> Int32? { table.number(of: token) }

    /// The row of a word as the tokenizer spells it.
    package func row(of token: String) -> Int32? {
        var token = token
        return token.withUTF8 { row(of: $0) }
    }

    /// Adds `factor` times a word's vector to `out` (dimensions).
    @inline(__always)
    package func add<Scalar: KernelScalar>(
        row: Int32,
        times factor: Scalar,
        to out: UnsafeMutablePointer<Scalar>
    ) {
        let scale = Scalar(scales[Int(row)]) * factor
        values.withUnsafeBufferPointer { values in
            let start = Int(row) * dimensions
            for index in 0..<dimensions { out[index] += scale * Scalar(values[start + index]) }
        }
    }

    /// Gives a sum of vectors the length 1; one of length 0 stays.
    package static func normalize(_ sum: UnsafeMutablePointer<Float>, count: Int) {
        var square: Float = 0
        for index in 0..<count { square += sum[index] * sum[index] }
        guard square > 0 else { return }
        let scale = 1 / square.squareRoot()
        for index in 0..<count { sum[index] *= scale }
    }

    /// The vector of a row, for tests and reports.
    package func vector(_ row: Int32) -> [Float] {
        var out = [Float](repeating: 0, count: dimensions)
        out.withUnsafeMutableBufferPointer {
            if let base = $0.baseAddress { add(row: row, times: 1, to: base) }
        }
        return out
    }

    var words: [String] { table.strings }
    var rowScales: [Float] { scales }
    var integers: [Int8] { values }
}
