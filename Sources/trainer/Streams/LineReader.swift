internal import Examples

/// Reads lines of UTF-8 as they arrive.
struct LineReader: ~Copyable {
    private let input: InputFile
    private let longest: Int
    private var number = 0
    /// Whether the line before ended with CR, so that an LF that follows belongs to it.
    private var isBehindReturn = false

    /// Reads `input`; of a line with more than `longest` bytes the start is handed over.
    init(_ input: consuming InputFile, longest: Int) {
        self.input = input
        self.longest = longest
    }

    /// Hands over every line without its end (LF, CRLF or CR); the last one needs no end.
    ///
    /// A byte-order mark at the start of a line is left out: joined files have it in their middle.
    ///
    /// - Parameters:
    ///   - body: called with the bytes of a line, which are valid UTF-8, for the call.
    ///   - afterEachRead: called when all lines that have arrived were handed over.
    /// - Throws: `Failure` that names the line if it is no UTF-8, or what the file is instead of
    ///   text.
    consuming func forEach(
        _ body: (UnsafeBufferPointer<UInt8>) throws -> Void,
        afterEachRead: () throws -> Void
    ) throws {
        var bytes: [UInt8] = []
        var isAtStart = true
        while try input.read(into: &bytes) {
            if isAtStart { try checkHead(bytes) }
            isAtStart = false
            let used = try bytes.withUnsafeBufferPointer { try handOverLines(in: $0, body) }
            bytes.removeFirst(used)
            // One byte more than is handed over tells that the line is longer.
            bytes.removeLast(max(0, bytes.count - longest - 1))
            try afterEachRead()
        }
        if !bytes.isEmpty {
            try bytes.withUnsafeBufferPointer { try handOver($0[...], body) }
            try afterEachRead()
        }
    }

    /// Hands over all lines that have an end and returns how many bytes they are.
    private mutating func handOverLines(
        in bytes: UnsafeBufferPointer<UInt8>,
        _ body: (UnsafeBufferPointer<UInt8>) throws -> Void
    ) throws -> Int {
        var start = 0
        var position = 0
        while position < bytes.count {
            let byte = bytes[position]
            if byte == 0x0A && isBehindReturn && position == start {
                start = position + 1
            } else if byte == 0x0A || byte == 0x0D {
                try handOver(bytes[start..<position], body)
                start = position + 1
            }
            isBehindReturn = byte == 0x0D
            position += 1
        }
        return start
    }

    private mutating func handOver(
        _ line: Slice<UnsafeBufferPointer<UInt8>>,
        _ body: (UnsafeBufferPointer<UInt8>) throws -> Void
    ) throws {
        number += 1
        var line = line
        while line.starts(with: [0xEF, 0xBB, 0xBF]) { line = line.dropFirst(3) }
        if line.count > longest {
            let start = line.prefix(longest)
            // Whole scalars: what the last one lacks may stand behind the cut.
            let continued = start.reversed().prefix { $0 & 0xC0 == 0x80 }.count
            line = start.dropLast(continued + 1)
        }
        let buffer = UnsafeBufferPointer(rebasing: line)
        // What arrived first may have been too little to tell.
        if number == 1, let problem = ContentCheck.problem(ofHead: buffer) {
            throw failure(at: 1, problem)
        }
        if let offset = ContentCheck.firstInvalidByte(in: buffer) {
            throw failure(at: number, ContentCheck.problem(ofInvalid: buffer, at: offset))
        }
        try body(buffer)
    }

    private func checkHead(_ bytes: [UInt8]) throws {
        if let problem = bytes.withUnsafeBufferPointer(ContentCheck.problem(ofHead:)) {
            throw failure(at: 1, problem)
        }
    }

    private func failure(at line: Int, _ problem: String) -> Failure {
        Failure(.badData, "\(input.name):\(line): \(problem)")
    }
}
