/// Files that are brought instead of word vectors.
enum OtherFiles {
    /// What a file that begins with `bytes` is, and the way out; nil for one that may be vectors.
    static func name(_ bytes: [UInt8]) -> String? {
        if bytes.starts(with: [0x1F, 0x8B]) {
            return "is compressed by gzip; unpack it with gunzip first"
        }
        if bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) {
            return "is a zip archive; unpack it with unzip first"
        }
        if bytes.starts(with: [0xBA, 0x16, 0x4F, 0x2F]) {
            return "is a fastText model (.bin); bring the .vec file that stands beside it"
        }
        if bytes.starts(with: [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]) {
            return "is an array of NumPy; write one line a word, the word and its numbers"
        }
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            return "is UTF-16; convert it to UTF-8 first"
        }
        return nil
    }
}
