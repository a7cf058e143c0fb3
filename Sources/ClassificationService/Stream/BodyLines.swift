internal import Glibc
internal import HTTPServer

/// The lines of a body, read piece by piece.
///
/// Of one thread at a time. What a line's bytes are lives until the next is asked for.
struct BodyLines: ~Copyable {
    /// Where the body is.
    enum Place {
        case memory([UInt8])
        case spool(HTTPSpool)
    }

    /// What comes next.
    enum Next {
        /// A line without its end.
        case line(UnsafeRawBufferPointer)
        /// The end of a line that is longer than lines may be.
        case longLine
        /// A part of such a line.
        case partOfLongLine
        case end
        /// The disk does not give back what it took.
        case failure
    }

    /// How many lines have come, the last included.
    private(set) var number = 0
    private let place: Place
    private let longest: Int
    private let buffer: UnsafeMutableRawBufferPointer
    /// What of `buffer` is not handed out: from the start of a line on.
    private var unread = 0..<0
    /// What of that has no end of a line.
    private var searched = 0
    private var offset = 0
    private var isComplete = false
    private var isInLongLine = false

    /// - Parameters:
    ///   - place: where the body is.
    ///   - longest: the bytes that a line may have.
    init(_ place: Place, longest: Int) {
        self.place = place
        self.longest = longest
        buffer = .allocate(byteCount: longest + Self.pieceBytes, alignment: 1)
    }

    deinit { buffer.deallocate() }

    private static let pieceBytes = 64 << 10

    mutating func next() -> Next {
        while true {
            if let end = endOfLine() { return take(upTo: end, behind: end + 1) }
            if isComplete {
                if unread.isEmpty && !isInLongLine { return .end }
                return take(upTo: unread.upperBound, behind: unread.upperBound)
            }
            if unread.count > longest { isInLongLine = true }
            if isInLongLine { unread = 0..<0 }
            guard fill() else { return .failure }
            if isInLongLine && endOfLine() == nil { return .partOfLongLine }
        }
    }

    private mutating func take(upTo end: Int, behind next: Int) -> Next {
        let line = UnsafeRawBufferPointer(rebasing: buffer[unread.lowerBound..<end])
        unread = next..<unread.upperBound
        searched = next
        number += 1
        guard isInLongLine || line.count > longest else { return .line(line) }
        isInLongLine = false
        return .longLine
    }

    /// Where the line ends that `unread` begins with.
    private mutating func endOfLine() -> Int? {
        guard let start = buffer.baseAddress, searched < unread.upperBound,
            let found = memchr(start + searched, 0x0A, unread.upperBound - searched)
        else {
            searched = unread.upperBound
            return nil
        }
        return UnsafeRawPointer(found) - UnsafeRawPointer(start)
    }

    /// Reads more behind what is not handed out; false if that fails.
    private mutating func fill() -> Bool {
        if let start = buffer.baseAddress, unread.lowerBound > 0 {
            memmove(start, start + unread.lowerBound, unread.count)
        }
        unread = 0..<unread.count
        searched = unread.upperBound
        let room = UnsafeMutableRawBufferPointer(
            rebasing: buffer[unread.upperBound...].prefix(Self.pieceBytes)
        )
        let count: Int
        switch place {
        case .memory(let bytes):
            let piece = bytes[offset...].prefix(room.count)
            room.copyBytes(from: piece)
            count = piece.count
        case .spool(let spool):
            guard let read = spool.read(into: room, at: offset) else { return false }
            count = read
        }
        offset += count
        isComplete = count == 0
        unread = 0..<unread.upperBound + count
        return true
    }
}
