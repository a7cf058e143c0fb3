private import CUnistring

/// Memory for texts in normalization form C, kept and used again.
public struct NFCBuffer: ~Copyable {
    private var bytes: UnsafeMutablePointer<UInt8>?
    private var capacity = 0

    /// Creates a buffer; it allocates with the first text that is not in the form.
    public init() {}

    deinit { bytes?.deallocate() }

    /// The text in form C: the same bytes if they have it, else this buffer's.
    ///
    /// - Parameter utf8: the text. Malformed bytes become U+FFFD each.
    /// - Returns: bytes that are valid as long as the text's, and until the buffer is used again.
    /// - Complexity: O(bytes); allocates only when the buffer must grow.
    public mutating func normalized(
        _ utf8: UnsafeBufferPointer<UInt8>
    ) -> UnsafeBufferPointer<UInt8> {
        guard !NFC.isCertain(utf8) else { return utf8 }
        // No UTF-8 text gets longer than three times its bytes (UAX 15, section 9).
        let memory = room(for: utf8.count * 3)
        var count = capacity
        guard let result = elman_u8_nfc(utf8.baseAddress, utf8.count, memory, &count) else {
            return utf8
        }
        precondition(result == memory, "A text in form C is longer than it can be")
        return UnsafeBufferPointer(start: memory, count: count)
    }

    private mutating func room(for needed: Int) -> UnsafeMutablePointer<UInt8> {
        if let bytes, needed <= capacity { return bytes }
        bytes?.deallocate()
        let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: needed)
        (bytes, capacity) = (memory, needed)
        return memory
    }
}
