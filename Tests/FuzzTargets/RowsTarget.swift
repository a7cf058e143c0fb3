internal import Examples

/// Rows are refused with their lines, or they come back from every format that they are written in.
///
/// The first byte chooses how they are read.
func findingInRows(_ bytes: [UInt8]) -> String? {
    guard let first = bytes.first else { return nil }
    let formats: [ExampleFormat?] = [nil] + ExampleFormat.allCases
    let content = Array(bytes.dropFirst())
    guard
        let file = try? ExampleReader.read(content, format: formats[Int(first) % formats.count])
    else { return nil }
    if file.examples.isEmpty { return "a file without rows was taken" }
    for format in ExampleWriter.formats {
        let writer = ExampleWriter(format)
        var written = writer.header
        for example in file.examples { writer.write(example, source: "train", to: &written) }
        guard let again = try? ExampleReader.read(written, format: format) else {
            return "rows written as \(format.rawValue) are refused"
        }
        let isSame = again.examples.elementsEqual(file.examples) {
            $0.label == $1.label && $0.text == $1.text
        }
        if !isSame { return "rows written as \(format.rawValue) are other rows" }
    }
    return nil
}
