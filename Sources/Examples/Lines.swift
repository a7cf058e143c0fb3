/// The lines of a file, numbered from 1, without their ends (LF, CRLF or CR alone).
///
/// A byte-order mark at the start of a line is left out: joined files have it in their middle.
struct Lines: IteratorProtocol {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0
    private var number = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    mutating func next() -> (number: Int, bytes: UnsafeBufferPointer<UInt8>)? {
        guard position < bytes.count else { return nil }
        let start = bytes.afterByteOrderMark(at: position)
        var end = start
        while end < bytes.count, !isLineEnd(bytes[end]) { end += 1 }
        position = bytes.afterLineEnd(at: end)
        number += 1
        return (number, UnsafeBufferPointer(rebasing: bytes[start..<end]))
    }
}

/// Line feed or carriage return.
func isLineEnd(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }

extension UnsafeBufferPointer<UInt8> {
    /// The position behind the line end at `position`; CR and LF together are one.
    func afterLineEnd(at position: Int) -> Int {
        guard position < count else { return count }
        let isPair = self[position] == 0x0D && position + 1 < count && self[position + 1] == 0x0A
        return position + (isPair ? 2 : 1)
    }

    /// The position behind the byte-order marks at `position`.
    func afterByteOrderMark(at position: Int) -> Int {
        var position = position
        while position + 2 < count, self[position] == 0xEF, self[position + 1] == 0xBB,
            self[position + 2] == 0xBF
        { position += 3 }
        return position
    }
}
