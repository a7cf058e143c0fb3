internal import ArgumentParser

/// A number of bytes as people write it: `268435456`, `512M`, `2G`.
struct ByteCount: ExpressibleByArgument, Equatable, CustomStringConvertible {
    let bytes: Int

    /// Reads digits with K, M, G or T behind them, for powers of 1024; `MiB` and `MB` mean M.
    init?(argument: String) {
        let digits = argument.prefix { $0.isASCII && $0.isNumber }
        guard let count = Int(digits) else { return nil }
        var unit = argument.dropFirst(digits.count).uppercased()
        if unit.hasSuffix("IB") {
            unit.removeLast(2)
        } else if unit.hasSuffix("B") {
            unit.removeLast()
        }
        guard let power = ["", "K", "M", "G", "T"].firstIndex(of: unit) else { return nil }
        let (bytes, isTooLarge) = count.multipliedReportingOverflow(by: 1 << (10 * power))
        guard !isTooLarge else { return nil }
        self.bytes = bytes
    }

    var description: String { String(bytes) }
}
