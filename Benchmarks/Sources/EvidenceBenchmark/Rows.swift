import Examples
import Glibc
import Model

/// The rows of a data set's files, label, tab, text.
func rows(_ paths: [String]) -> [Example] {
    paths.flatMap { path -> [Example] in
        guard let file = try? CheckpointFile.read(path) else {
            print("cannot read \(path)")
            exit(66)
        }
        return file.split(separator: UInt8(ascii: "\n")).compactMap { line in
            guard let tab = line.firstIndex(of: UInt8(ascii: "\t")) else { return nil }
            return Example(
                label: String(decoding: line[..<tab], as: UTF8.self),
                text: String(decoding: line[(tab + 1)...], as: UTF8.self)
            )
        }
    }
}

extension Array {
    /// The elements in an order that the seed decides.
    func shuffled(seed: UInt64) -> [Element] {
        var generator = SplitMix64(seed: seed)
        return shuffled(using: &generator)
    }
}

/// A number with so many digits after the point.
func fixed(_ value: Double, _ digits: Int) -> String {
    let scale = pow(10, Double(digits))
    return "\((value * scale).rounded() / scale)"
}
