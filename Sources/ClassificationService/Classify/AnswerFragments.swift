internal import JSON

/// The parts of a version's answers that never change, as JSON.
///
/// An answer is mostly keys and labels; copying them ready-made takes a fifth of the time of
/// writing them anew.
///
/// `@unchecked Sendable`: nothing changes after `init`. Arrays would do as well, but each use of
/// one counts a reference, on a cache line that all threads write.
final class AnswerFragments: @unchecked Sendable {
    /// A run of bytes that lives as long as the fragments.
    typealias Fragment = UnsafeBufferPointer<UInt8>

    /// How many labels there are.
    let labelCount: Int
    /// The most bytes that all scores of one text take.
    let scoreBytes: Int
    /// The most bytes that one entry of `scores` and `ranking` together takes.
    let rankedBytes: Int
    private let bytes: UnsafeMutableBufferPointer<UInt8>
    /// The start, then label and key of each label, then the start of answers of the Open
    /// Inference Protocol, then all labels as they stand in an array.
    private let fragments: UnsafeMutableBufferPointer<Fragment>

    init(model: String, version: Int, labels: [String]) {
        func json(_ text: String) -> [UInt8] {
            var writer = JSONWriter()
            writer.string(text)
            return writer.finish()
        }
        let keys = labels.map { json($0) + [UInt8(ascii: ":")] }
        labelCount = labels.count
        scoreBytes = keys.reduce(0) { $0 + $1.count + Self.numberBytes }
        let longest = keys.map(\.count).max() ?? 0
        rankedBytes = 2 * (longest + Self.numberBytes) + 24

        let start =
            Array(#"{"model":"#.utf8) + json(model) + Array(#","version":\#(version),"#.utf8)
        var pieces = [start]
        for (label, key) in zip(labels, keys) {
            pieces.append(Array(#""label":"#.utf8) + json(label) + Array(#","score":"#.utf8))
            pieces.append(key)
        }
        pieces.append(Array(#"{"model_name":"#.utf8) + json(model))
        pieces.append(Array(labels.map(json).joined(separator: [UInt8(ascii: ",")])))
        let all = Array(pieces.joined())
        bytes = .allocate(capacity: all.count)
        _ = bytes.initialize(from: all)
        fragments = .allocate(capacity: pieces.count)
        var end = 0
        for (index, piece) in pieces.enumerated() {
            let fragment = UnsafeMutableBufferPointer(rebasing: bytes[end..<end + piece.count])
            fragments.initializeElement(at: index, to: Fragment(fragment))
            end += piece.count
        }
    }

    deinit {
        fragments.deallocate()
        bytes.deallocate()
    }

    /// The start of every answer: `{"model":"…","version":…,`.
    var start: Fragment { fragments[0] }

    /// `"label":"…","score":` with a label.
    func label(_ index: Int) -> Fragment { fragments[1 + 2 * index] }

    /// `"…":` with a label.
    func key(_ index: Int) -> Fragment { fragments[2 + 2 * index] }

    /// A label as JSON.
    func name(_ index: Int) -> Fragment { Fragment(rebasing: key(index).dropLast()) }

    /// `{"model_name":"…"`, the start of answers of the Open Inference Protocol.
    var modelName: Fragment { fragments[fragments.count - 2] }

    /// Every label as JSON, with commas between them.
    var names: Fragment { fragments[fragments.count - 1] }

    /// The most bytes of a number and what divides it from the next.
    private static let numberBytes = 16
}

/// An answer that is put together from fragments and numbers.
struct AnswerBytes {
    private(set) var bytes: [UInt8] = []

    init(capacity: Int) { bytes.reserveCapacity(capacity) }

    mutating func append(_ fragment: [UInt8]) { bytes.append(contentsOf: fragment) }

    mutating func append(_ fragment: AnswerFragments.Fragment) {
        bytes.append(contentsOf: fragment)
    }

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
