internal import JSON

/// The parts of a version's answers that never change, as JSON.
///
/// An answer is mostly keys and labels; copying them ready-made takes a fifth of the time of
/// writing them anew.
struct AnswerFragments: Sendable {
    /// The start of every answer: `{"model":"…","version":…,`.
    let start: [UInt8]
    /// For each label `"label":"…","score":`.
    let labels: [[UInt8]]
    /// For each label `"…":`.
    let keys: [[UInt8]]
    /// The most bytes that all scores of one text take.
    let scoreBytes: Int
    /// The most bytes that one entry of `scores` and `ranking` together takes.
    let rankedBytes: Int

    init(model: String, version: Int, labels: [String]) {
        func json(_ text: String) -> [UInt8] {
            var writer = JSONWriter()
            writer.string(text)
            return writer.finish()
        }
        start =
            Array(#"{"model":"#.utf8) + json(model) + Array(#","version":\#(version),"#.utf8)
        self.labels = labels.map { Array(#""label":"#.utf8) + json($0) + Array(#","score":"#.utf8) }
        keys = labels.map { json($0) + [UInt8(ascii: ":")] }
        scoreBytes = keys.reduce(0) { $0 + $1.count + Self.numberBytes }
        let longest = keys.map(\.count).max() ?? 0
        rankedBytes = 2 * (longest + Self.numberBytes) + 24
    }

    /// The most bytes of a number and what divides it from the next.
    private static let numberBytes = 16
}

/// An answer that is put together from fragments and numbers.
struct AnswerBytes {
    private(set) var bytes: [UInt8] = []

    init(capacity: Int) { bytes.reserveCapacity(capacity) }

    mutating func append(_ fragment: [UInt8]) { bytes.append(contentsOf: fragment) }

    mutating func append(_ text: StaticString) {
        bytes.append(
            contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        )
    }

    mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { bytes.append(contentsOf: $0) }
    }

    /// A probability or a share: finite, in the shortest form that reads back to the same number.
    mutating func append(_ value: Float) { append(Self.text(value)) }

    /// What is written of a number; so short that no string of it is on the heap.
    static func text(_ value: Float) -> String { value == 0 ? "0" : value.description }

    mutating func append(_ value: Int) {
        if value < 10 {
            bytes.append(UInt8(ascii: "0") + UInt8(value))
        } else {
            append(value / 10)
            bytes.append(UInt8(ascii: "0") + UInt8(value % 10))
        }
    }
}
