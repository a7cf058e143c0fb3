/// Which names are allowed: 1 to 64 ASCII letters, digits, `.`, `_` and `-`, a letter or digit
/// first, so that a name is safe in a path and a URL.
public enum NameRule: Sendable {
    /// Letters of both cases, as checkpoints always could have.
    case anyCase
    /// Small letters only, as over HTTP, so that no two names differ by case alone.
    case lowerCase

    /// Lengths that are allowed, in bytes.
    public static let lengths = 1...64

    /// Whether `name` is allowed.
    public func allows(_ name: String) -> Bool {
        func isAlphanumeric(_ byte: UInt8) -> Bool {
            let letter = self == .anyCase ? byte | 0x20 : byte
            return letter &- 0x61 < 26 || byte &- 0x30 < 10
        }
        guard NameRule.lengths.contains(name.utf8.count), let first = name.utf8.first else {
            return false
        }
        return isAlphanumeric(first)
            && name.utf8.allSatisfy { isAlphanumeric($0) || [0x2D, 0x2E, 0x5F].contains($0) }
    }
}
