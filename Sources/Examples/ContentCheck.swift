/// Recognises bytes that are no UTF-8 text: other encodings, archives, workbooks.
///
/// The sentences have no full stop and fit behind a place ("rows.csv:1: …").
public enum ContentCheck {
    /// What the start of a file is instead of UTF-8 text, with the way out; nil if nothing shows.
    public static func problem(ofHead head: UnsafeBufferPointer<UInt8>) -> String? {
        for (signature, problem) in signatures where head.starts(with: signature) {
            return problem
        }
        let start = String(decoding: head.prefix(64), as: UTF8.self).lowercased()
            .drop { $0.isWhitespace || $0 == "\u{FEFF}" }
        if start.hasPrefix("<!doctype html") || start.hasPrefix("<html") {
            return "the file is a page of HTML; give its rows as CSV or JSON lines"
        }
        return wideProblem(UnsafeBufferPointer(rebasing: head.prefix(4096)))
    }

    /// What is wrong with bytes that `firstInvalidByte` found at `offset`, with the way out.
    ///
    /// - Parameters:
    ///   - bytes: the file, or the line if no more is known.
    ///   - offset: where the first byte stands that is no UTF-8.
    /// - Returns: a sentence without a full stop.
    public static func problem(
        ofInvalid bytes: UnsafeBufferPointer<UInt8>,
        at offset: Int
    ) -> String {
        let digits = String(bytes[offset], radix: 16, uppercase: true)
        let found = "byte 0x\(digits) is not valid UTF-8; "
        // A mebibyte tells as much as the whole file.
        let sample = UnsafeBufferPointer(rebasing: bytes.prefix(max(1 << 20, offset + 1)))
        let census = ByteCensus(sample)
        if census.sequences > census.strays {
            return found + "other bytes are: mend this line, or drop what does not fit with "
                + "iconv -c -f UTF-8 -t UTF-8"
        }
        guard census.isWesternEuropean else {
            return found + "convert the file with iconv -f ENCODING -t UTF-8, where ENCODING is "
                + "what it was saved in"
        }
        return found + "the file looks like Windows-1252, as Excel writes it; convert it with "
            + "iconv -f WINDOWS-1252 -t UTF-8"
    }

    /// Where the first byte stands that begins no UTF-8 sequence; nil if all do.
    ///
    /// - Complexity: O(bytes), eight ASCII characters at a time.
    public static func firstInvalidByte(in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        let raw = UnsafeRawBufferPointer(bytes)
        var position = 0
        while position < bytes.count {
            if bytes[position] < 0x80 {
                while position + 8 <= raw.count,
                    raw.loadUnaligned(fromByteOffset: position, as: UInt64.self)
                        & 0x8080_8080_8080_8080 == 0
                { position += 8 }
                while position < bytes.count, bytes[position] < 0x80 { position += 1 }
                continue
            }
            guard let length = sequenceLength(in: bytes, at: position) else { return position }
            position += length
        }
        return nil
    }

    /// The bytes of the sequence of several bytes at `start`; nil if it is none.
    static func sequenceLength(in bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> Int? {
        let first = bytes[start]
        // The Unicode Standard, table 3-7: the second byte keeps out what is too long, surrogates
        // and what lies above U+10FFFF.
        let (length, second): (Int, ClosedRange<UInt8>)
        switch first {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: return nil
        }
        guard start + length <= bytes.count, second.contains(bytes[start + 1]) else { return nil }
        for index in (start + 2)..<max(start + length, start + 2) where bytes[index] & 0xC0 != 0x80
        {
            return nil
        }
        return length
    }

    private static func encoded(_ name: String, _ encoding: String) -> String {
        "the file is \(name), not UTF-8; convert it with iconv -f \(encoding) -t UTF-8"
    }

    private static func packed(_ name: String, _ command: String) -> String {
        "the file is compressed with \(name); unpack it first with \(command)"
    }

    private static let workbook =
        "export the sheet as CSV UTF-8 (comma delimited) and give that file"

    /// What files of other kinds begin with; UTF-32 before UTF-16, whose mark it begins with.
    private static let signatures: [(bytes: [UInt8], problem: String)] = [
        ([0xFF, 0xFE, 0, 0], encoded("UTF-32 (little-endian)", "UTF-32")),
        ([0, 0, 0xFE, 0xFF], encoded("UTF-32 (big-endian)", "UTF-32")),
        ([0xFF, 0xFE], encoded("UTF-16 (little-endian)", "UTF-16")),
        ([0xFE, 0xFF], encoded("UTF-16 (big-endian)", "UTF-16")),
        ([0x1F, 0x8B], packed("gzip", "gunzip")),
        (Array("BZh".utf8), packed("bzip2", "bunzip2")),
        ([0xFD] + Array("7zXZ".utf8), packed("xz", "unxz")),
        ([0x28, 0xB5, 0x2F, 0xFD], packed("Zstandard", "unzstd")),
        (
            Array("PK".utf8) + [3, 4],
            "the file is a zip archive or a workbook (xlsx, ods): \(workbook), or unzip it first"
        ),
        ([0xD0, 0xCF, 0x11, 0xE0], "the file is an old Excel workbook (xls): \(workbook)"),
        (Array("PAR1".utf8), "the file is Parquet; write its rows as CSV or JSON lines first"),
        (Array("%PDF-".utf8), "the file is a PDF document; give its rows as CSV or JSON lines"),
    ]

    /// UTF-16 and UTF-32 without a mark show by their NUL bytes.
    private static func wideProblem(_ head: UnsafeBufferPointer<UInt8>) -> String? {
        // Where the NUL bytes stand within four.
        var zeros = [0, 0, 0, 0]
        for (index, byte) in head.enumerated() where byte == 0 { zeros[index % 4] += 1 }
        let count = zeros.reduce(0, +)
        guard count > 0 else { return nil }
        let (even, odd) = (zeros[0] + zeros[2], zeros[1] + zeros[3])
        // English has one in two bytes; Chinese only those of line ends and delimiters.
        guard count * 4 >= head.count || firstInvalidByte(in: head) != nil else { return nil }
        if count * 8 >= head.count * 5 {
            let isLittle = zeros[0] < zeros[3]
            return encoded("UTF-32 without a mark", isLittle ? "UTF-32LE" : "UTF-32BE")
        }
        if even == 0 { return encoded("UTF-16 without a mark (little-endian)", "UTF-16LE") }
        if odd == 0 { return encoded("UTF-16 without a mark (big-endian)", "UTF-16BE") }
        return "the file has NUL bytes and is no text; give rows in UTF-8"
    }
}

/// What bytes beyond ASCII there are in a text that is not UTF-8 throughout.
private struct ByteCensus {
    /// Well-formed UTF-8 sequences of several bytes.
    var sequences = 0
    /// Other bytes beyond ASCII.
    var strays = 0
    /// Bytes that Windows-1252 gives no character.
    var undefined = 0
    /// Bytes that are neither blanks nor line ends.
    var visible = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        var position = 0
        while position < bytes.count {
            let byte = bytes[position]
            if !isWhiteSpace(byte) { visible += 1 }
            if byte < 0x80 {
                position += 1
            } else if let length = ContentCheck.sequenceLength(in: bytes, at: position) {
                sequences += 1
                position += length
            } else {
                strays += 1
                if [0x81, 0x8D, 0x8F, 0x90, 0x9D].contains(byte) { undefined += 1 }
                position += 1
            }
        }
    }

    /// Whether it can be French or German: letters beyond ASCII, but not most of them.
    var isWesternEuropean: Bool { undefined == 0 && strays * 3 <= visible }
}
