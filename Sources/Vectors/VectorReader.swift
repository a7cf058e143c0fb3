internal import Digest
public import Model

/// Reads a file of word vectors as its bytes arrive: fastText's `.vec`, GloVe's `.txt`, word2vec's
/// text and binary.
///
/// Only the words that are kept stay in memory: the first ones, as files are sorted by frequency.
/// Words are spelled as the tokenizer spells them; what is no single token is left out.
public struct VectorReader: ~Copyable {
    /// How many words are kept.
    public static let keptWords = 20_000
    /// A line longer than this is none.
    private static let longestLine = 1 << 20
    private static let allowedDimensions = 2...1024

    private enum Form { case unknown, text, binary }

    private let name: String
    private let limit: Int
    private var digest = SHA256()
    private var pending: [UInt8] = []
    private var form = Form.unknown
    private var dimensions = 0
    /// What a header says.
    private var announced: Int?
    private var line = 0
    private var wordCount = 0
    private var kept = KeptWords()
    private var badLines: [VectorFileError.BadLine] = []

    /// Starts a file of this name, without a path, of which so many words are kept at most.
    public init(name: String, keeping limit: Int = VectorReader.keptWords) {
        self.name = name
        self.limit = limit
    }

    /// Takes the next bytes.
    ///
    /// - Throws: `VectorFileError` as soon as something is wrong that ends the reading.
    public mutating func take(_ bytes: UnsafeRawBufferPointer) throws(VectorFileError) {
        digest.update(bytes)
        pending.append(contentsOf: bytes)
        try read(isEnd: false)
    }

    /// Takes the end of the file.
    ///
    /// - Returns: the vectors, prepared for training (`PreparedVectors`).
    /// - Throws: `VectorFileError`, naming lines.
    public consuming func finish() throws(VectorFileError) -> WordVectors {
        try read(isEnd: true)
        guard badLines.isEmpty else { throw .badLines(badLines) }
        guard wordCount > 0 else { throw .noWords }
        let source = WordVectors.Source(
            name: name,
            sha256: digest.hexadecimal(),
            words: wordCount,
            dimensions: dimensions
        )
        guard kept.words.count > 1,
            let vectors = PreparedVectors.vectors(kept, source: source)
        else { throw .tooFewWords(kept.words.count) }
        return vectors
    }

    private mutating func read(isEnd: Bool) throws(VectorFileError) {
        if form == .unknown {
            // Enough to tell what it is.
            guard isEnd || pending.count >= 1 << 13 else { return }
            try begin()
        }
        let used = form == .binary ? try readBinary(isEnd) : try readLines(isEnd)
        pending.removeFirst(used)
    }

    /// Tells the form from the first bytes, and reads a header.
    private mutating func begin() throws(VectorFileError) {
        if let sentence = OtherFiles.name(pending) { throw .otherFile(sentence) }
        if pending.starts(with: [0xEF, 0xBB, 0xBF]) { pending.removeFirst(3) }
        let end = pending.firstIndex(of: 0x0A) ?? pending.count
        let fields = String(decoding: pending[..<end], as: UTF8.self).split(
            whereSeparator: \.isWhitespace
        )
        form = .text
        guard fields.count == 2, let words = Int(fields[0]), let dimensions = Int(fields[1]),
            words > 0
        else { return }
        guard VectorReader.allowedDimensions.contains(dimensions) else {
            throw .badLines([
                .init(
                    line: 1,
                    problem: "says \(dimensions) numbers a word; from 2 to 1024 can be read"
                )
            ])
        }
        announced = words
        self.dimensions = dimensions
        line = 1
        let body = pending[min(end + 1, pending.count)...]
        // Numbers in binary have such bytes; lines of text never do.
        if body.contains(where: { $0 < 0x09 }) { form = .binary }
        pending.removeFirst(min(end + 1, pending.count))
    }

    /// Reads all whole lines; returns the bytes that they take.
    private mutating func readLines(_ isEnd: Bool) throws(VectorFileError) -> Int {
        var start = 0
        while start < pending.count {
            let found = pending[start...].firstIndex(of: 0x0A)
            guard found != nil || isEnd else { break }
            let end = found ?? pending.count
            readLine(start..<end)
            if badLines.count == VectorFileError.mostLines { throw .badLines(badLines) }
            start = min(end + 1, pending.count)
        }
        if pending.count - start > VectorReader.longestLine {
            throw .badLines([.init(line: line + 1, problem: "is longer than 1 MiB")])
        }
        return start
    }

    private mutating func readLine(_ range: Range<Int>) {
        line += 1
        // Beyond the words that are kept, lines are only counted.
        if kept.words.count >= limit {
            if !range.isEmpty { wordCount += 1 }
            return
        }
        let fields = LineFields(pending, range)
        guard fields.count > 0 else { return }
        if dimensions == 0 {
            dimensions = fields.count - 1
            guard VectorReader.allowedDimensions.contains(dimensions) else {
                dimensions = 0
                return bad("has \(fields.count - 1) numbers; from 2 to 1024 are expected")
            }
        }
        wordCount += 1
        guard fields.count > dimensions else {
            return bad(
                "has \(fields.count - 1) numbers instead of \(dimensions) behind the word"
            )
        }
        var numbers: [Float] = []
        numbers.reserveCapacity(dimensions)
        let first = fields.count - dimensions
        let isNumber = pending.withUnsafeBufferPointer { bytes in
            for field in first..<fields.count {
                guard let number = DecimalNumber.parse(bytes[fields[field]]) else { return field }
                numbers.append(number)
            }
            return -1
        }
        if isNumber >= 0 {
            let text = String(decoding: pending[fields[isNumber]].prefix(20), as: UTF8.self)
            return bad("number \(isNumber - first + 1) is \(text.debugDescription)")
        }
        guard first == 1 else {
            // GloVe has words with blanks in them, which are no token.
            if !fields.hasWordLikeHead(first) {
                bad("has \(fields.count - 1) numbers instead of \(dimensions) behind the word")
            }
            return
        }
        let word = String(decoding: pending[fields[0]], as: UTF8.self)
        kept.add(word, numbers)
    }

    private mutating func bad(_ problem: String) {
        badLines.append(.init(line: line, problem: problem))
    }

    /// Reads all whole words; returns the bytes that they take.
    private mutating func readBinary(_ isEnd: Bool) throws(VectorFileError) -> Int {
        var start = 0
        let width = dimensions * 4
        while wordCount < announced ?? 0 {
            var place = start
            while place < pending.count, pending[place] == 0x0A || pending[place] == 0x0D {
                place += 1
            }
            guard let blank = pending[place...].firstIndex(of: 0x20),
                blank + 1 + width <= pending.count
            else {
                if pending.count - place > VectorReader.longestLine + width {
                    throw .badWord(number: wordCount + 1, "has no end")
                }
                break
            }
            wordCount += 1
            if kept.words.count < limit {
                let numbers = floats(at: blank + 1)
                guard numbers.allSatisfy(\.isFinite) else {
                    throw .badWord(number: wordCount, "has a number that is not finite")
                }
                kept.add(String(decoding: pending[place..<blank], as: UTF8.self), numbers)
            }
            start = blank + 1 + width
        }
        if wordCount == announced ?? 0 { return pending.count }
        if isEnd {
            throw .badWord(
                number: wordCount + 1,
                "the file ends here, but its header says \(announced ?? 0) words; is it cut off?"
            )
        }
        return start
    }

    private func floats(at start: Int) -> [Float] {
        pending.withUnsafeBytes { bytes in
            (0..<dimensions).map {
                Float(
                    bitPattern: UInt32(
                        littleEndian: bytes.loadUnaligned(
                            fromByteOffset: start + 4 * $0,
                            as: UInt32.self
                        )
                    )
                )
            }
        }
    }
}

/// The fields of a line, by the places of their bytes.
private struct LineFields {
    private var ranges: [Range<Int>] = []
    private let bytes: [UInt8]

    /// Fields are divided by blanks and tabs.
    init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        var start: Int?
        for place in range {
            let isBlank = bytes[place] == 0x20 || bytes[place] == 0x09 || bytes[place] == 0x0D
            if isBlank, let begin = start {
                ranges.append(begin..<place)
                start = nil
            } else if !isBlank && start == nil {
                start = place
            }
        }
        if let start { ranges.append(start..<range.upperBound) }
    }

    var count: Int { ranges.count }

    subscript(field: Int) -> Range<Int> { ranges[field] }

    /// Whether one of the fields between the first and `end` is no number, as in a word with
    /// blanks.
    func hasWordLikeHead(_ end: Int) -> Bool {
        bytes.withUnsafeBufferPointer { bytes in
            (1..<end).contains { DecimalNumber.parse(bytes[ranges[$0]]) == nil }
        }
    }
}
