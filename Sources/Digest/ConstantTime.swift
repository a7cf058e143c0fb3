private import CGnuTLS

/// Comparisons whose duration says nothing about where two secrets differ.
public enum ConstantTime {
    /// Whether both hold the same bytes, by GnuTLS's `gnutls_memcmp`.
    ///
    /// Their lengths are no secret: different ones are answered at once.
    public static func areEqual(
        _ first: UnsafeRawBufferPointer,
        _ second: UnsafeRawBufferPointer
    ) -> Bool {
        guard first.count == second.count else { return false }
        guard let left = first.baseAddress, let right = second.baseAddress else { return true }
        return gnutls_memcmp(left, right, first.count) == 0
    }
}
