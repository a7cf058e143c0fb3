internal import Digest
internal import JSON

extension Checkpoint {
    /// What stands before the digest at the end of every file.
    static let digestPrefix = Array(",\n\"sha256\":\"".utf8)
    /// What stands behind it.
    static let digestSuffix = Array("\"\n}\n".utf8)

    /// The checkpoint as the bytes of a file: equal checkpoints give equal bytes.
    ///
    /// - Precondition: the checkpoint passes `validate`.
    /// - Complexity: O(parameters).
    public func encoded() -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("format") { $0.string(Checkpoint.format) }
        writer.member("format_version") { $0.int(leastFormatVersion) }
        writer.member("model") { $0.string(model) }
        writer.member("architecture") { writer in
            architecture.encode(to: &writer)
        }
        writer.member("labels") { $0.lines(of: labels) }
        writer.member("tokenizer") { writer in
            writer.beginObject()
            writer.member("kind", string: tokenizer.kind.rawValue)
            writer.member("maximum_tokens", int: tokenizer.maximumTokens)
            writer.endObject()
        }
        writer.member("vocabulary") { $0.lines(of: vocabulary.words) }
        if let features {
            writer.member("features") { features.encode(to: &$0, vocabulary: vocabulary) }
        }
        if let vectors {
            writer.member("vectors") { vectors.encode(to: &$0) }
        }
        writer.member("calibration") { writer in
            writer.beginObject()
            writer.member("recurrent", double: calibration.recurrent)
            writer.member("linear", double: calibration.linear)
            if architecture.output == .multi {
                writer.member("bias", array: calibration.bias) { $1.double($0) }
                writer.member("thresholds", array: calibration.thresholds) { $1.double($0) }
            }
            writer.endObject()
        }
        writer.member("training") { training.encode(to: &$0) }
        writer.member("tensors") { writeTensors(to: &$0) }
        // The digest covers all bytes so far, so the document is closed by hand.
        var bytes = writer.bytes
        let digest = SHA256.hexadecimal(of: bytes)
        bytes += Checkpoint.digestPrefix
        bytes += digest.utf8
        bytes += Checkpoint.digestSuffix
        return bytes
    }

    /// The oldest version of the format that has all parts of this checkpoint, so that older
    /// programs read what they can.
    var leastFormatVersion: Int {
        let hasFurther = features.map { $0.firstRun < $0.featureCount } ?? false
        return vectors == nil && !hasFurther ? 1 : 2
    }

    private func writeTensors(to writer: inout JSONWriter) {
        writer.beginObject()
        let shapes = architecture.tensorShapes(
            vocabularySize: vocabulary.count,
            classCount: labels.count
        )
        for (name, shape) in shapes {
            guard let tensor = tensors[name], let width = shape.last else { continue }
            writer.member(name) { writer in
                writer.beginObject()
                writer.member("shape", array: shape) { $1.int($0) }
                if let scale = tensor.scale {
                    writer.member("scale", float: scale)
                }
                writer.key("values")
                writer.beginArray()
                for (index, value) in tensor.values.enumerated() {
                    // One row a line, so that a change shows where it is.
                    if index % width == 0 { writer.newline() }
                    if let scale = tensor.scale {
                        writer.int(Int((value / scale).rounded()))
                    } else {
                        writer.float(value)
                    }
                }
                writer.endArray()
                writer.endObject()
            }
        }
        writer.endObject()
    }
}

extension JSONWriter {
    /// A member on a line of its own.
    fileprivate mutating func member(_ name: String, _ body: (inout JSONWriter) -> Void) {
        newline()
        key(name)
        body(&self)
    }

    /// An array of strings, each on a line of its own.
    mutating func lines(of strings: [String]) {
        beginArray()
        for string in strings {
            newline()
            self.string(string)
        }
        endArray()
    }
}
