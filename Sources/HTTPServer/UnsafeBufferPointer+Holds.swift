internal import Glibc

extension UnsafeBufferPointer<UInt8> {
    /// Whether these are the bytes of `text`.
    package func holds(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        guard let baseAddress else { return true }
        return memcmp(baseAddress, text.utf8Start, count) == 0
    }
}
