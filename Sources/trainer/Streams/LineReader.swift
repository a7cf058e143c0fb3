/// Reads lines of UTF-8 as they arrive.
struct LineReader: ~Copyable {
    private let input: InputFile
    private let longest: Int

    /// Reads `input`; a line of more than `longest` bytes is an error.
    init(_ input: consuming InputFile, longest: Int) {
        self.input = input
        self.longest = longest
    }

    /// Hands over every line without its end (LF or CRLF); the last one needs no end.
    ///
    /// - Parameters:
    ///   - body: called with the bytes of a line, which are valid UTF-8, for the call.
    ///   - afterEachRead: called when all lines that have arrived were handed over.
    /// - Throws: `Failure` that names the line if it is too long or no UTF-8.
    consuming func forEach(
        _ body: (UnsafeBufferPointer<UInt8>) throws -> Void,
        afterEachRead: () throws -> Void
    ) throws {
        var bytes: [UInt8] = []
        var number = 0
        var isFirst = true
        func handOver(_ lines: Slice<UnsafeBufferPointer<UInt8>>) throws {
            var line = lines
            // Some editors put a byte-order mark before the first line.
            if isFirst && line.starts(with: [0xEF, 0xBB, 0xBF]) { line = line.dropFirst(3) }
            isFirst = false
            if line.last == UInt8(ascii: "\r") { line = line.dropLast() }
            number += 1
            let buffer = UnsafeBufferPointer(rebasing: line)
            guard isUTF8(buffer) else {
                throw Failure(
                    .badData,
                    "\(input.name):\(number): the line is not UTF-8; convert the file to UTF-8"
                )
            }
            try body(buffer)
        }
        while try input.read(into: &bytes) {
            let used = try bytes.withUnsafeBufferPointer { buffer -> Int in
                var start = 0
                while let end = buffer[start...].firstIndex(of: UInt8(ascii: "\n")) {
                    try handOver(buffer[start..<end])
                    start = end + 1
                }
                return start
            }
            bytes.removeFirst(used)
            guard bytes.count <= longest else {
                throw Failure(
                    .badData,
                    "\(input.name):\(number + 1): the line has more than \(longest) bytes; "
                        + "give one text a line"
                )
            }
            try afterEachRead()
        }
        if !bytes.isEmpty {
            try bytes.withUnsafeBufferPointer { try handOver($0[...]) }
            try afterEachRead()
        }
    }

    private func isUTF8(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        if bytes.allSatisfy({ $0 < 0x80 }) { return true }
        return String(validating: bytes, as: UTF8.self) != nil
    }
}
