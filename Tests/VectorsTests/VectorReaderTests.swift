import Digest
import Model
import Testing
import Vectors

/// Files of word vectors in each of their forms, and what is wrong with others.
@Suite struct VectorReaderTests {
    private static let words = ["the", "good", "bad", "film", "movie", "New_York", "."]

    /// Numbers of a word: two directions that matter, others that hardly do.
    private static func numbers(_ index: Int, dimensions: Int = 5) -> [Float] {
        (0..<dimensions).map { Float((index * 7 + $0 * 3) % 11) / Float(1 + $0 * $0) - 1 }
    }

    private static func text(header: Bool, end: String = "\n", trailing: String = "") -> String {
        let lines = words.enumerated().map { index, word in
            ([word] + numbers(index).map { "\($0)" }).joined(separator: " ") + trailing
        }
        return (header ? "\(words.count) 5\(end)" : "") + lines.joined(separator: end) + end
    }

    private func read(_ bytes: [UInt8], chunk: Int = 7, keeping: Int = 100) throws -> WordVectors {
        var reader = VectorReader(name: "words.vec", keeping: keeping)
        for start in stride(from: 0, to: bytes.count, by: chunk) {
            try bytes[start..<min(start + chunk, bytes.count)].withUnsafeBytes {
                try reader.take($0)
            }
        }
        return try reader.finish()
    }

    private func read(_ text: String, chunk: Int = 7, keeping: Int = 100) throws -> WordVectors {
        try read(Array(text.utf8), chunk: chunk, keeping: keeping)
    }

    private static var binary: [UInt8] {
        var bytes = Array("\(words.count) 5\n".utf8)
        for (index, word) in words.enumerated() {
            bytes += Array(word.utf8) + [0x20]
            for number in numbers(index) {
                withUnsafeBytes(of: number.bitPattern.littleEndian) { bytes += Array($0) }
            }
            bytes.append(0x0A)
        }
        return bytes
    }

    @Test("fastText, GloVe, word2vec text and binary give the same vectors, in any chunks")
    func forms() throws {
        let first = try read(VectorReaderTests.text(header: true))
        #expect(first.count == 7 && first.dimensions == 5)
        #expect(first.source.name == "words.vec" && first.source.words == 7)
        #expect(first.source.dimensions == 5)
        #expect(
            first.source.sha256
                == SHA256.hexadecimal(of: Array(VectorReaderTests.text(header: true).utf8))
        )
        let others = try [
            read(VectorReaderTests.text(header: false)),
            read(VectorReaderTests.text(header: true, trailing: " ")),
            read(VectorReaderTests.text(header: true, end: "\r\n")),
            read("\u{FEFF}" + VectorReaderTests.text(header: true)),
            read(VectorReaderTests.binary),
            read(VectorReaderTests.binary, chunk: 1),
            read(VectorReaderTests.text(header: true), chunk: 10_000),
        ]
        for other in others {
            for word in ["the", "good", "new_york", "."] {
                let row = try #require(other.row(of: word))
                #expect(other.vector(row) == first.vector(try #require(first.row(of: word))))
            }
        }
    }

    @Test("vectors are centred, turned to their main axes, and of length 1 on average")
    func prepared() throws {
        let vectors = try read(VectorReaderTests.text(header: true))
        let rows = (0..<7).map { vectors.vector(Int32($0)) }
        let means = (0..<5).map { axis in rows.reduce(0) { $0 + $1[axis] } / 7 }
        // Eight bits a number leave a hundredth.
        #expect(means.allSatisfy { abs($0) < 0.02 })
        let lengths = rows.map { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() }
        #expect(abs(lengths.reduce(0, +) / 7 - 1) < 0.02)
        let spreads = (0..<5).map { axis in rows.reduce(0) { $0 + $1[axis] * $1[axis] } }
        #expect(zip(spreads, spreads.dropFirst()).allSatisfy { $0 > $1 - 0.01 })
        // Turning changes no distance: those of the file, but for the scale.
        func distance(_ a: [Float], _ b: [Float]) -> Float {
            zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
        }
        let own = distance(rows[0], rows[1]) / distance(rows[2], rows[4])
        let file =
            distance(VectorReaderTests.numbers(0), VectorReaderTests.numbers(1))
            / distance(VectorReaderTests.numbers(2), VectorReaderTests.numbers(4))
        #expect(abs(own - file) < 0.05)
    }

    @Test("many dimensions become 64, and no more words than asked for are kept")
    func bounds() throws {
        var text = ""
        for word in 0..<150 {
            text += "w\(word) "
            text += (0..<100).map { "\(Float((word * 31 + $0 * 17) % 97) / 97)" }
                .joined(separator: " ")
            text += "\n"
        }
        let vectors = try read(text, chunk: 4096, keeping: 120)
        #expect(vectors.count == 120 && vectors.dimensions == 64)
        #expect(vectors.source.words == 150 && vectors.source.dimensions == 100)
        #expect(vectors.row(of: "w119") != nil && vectors.row(of: "w120") == nil)
    }

    @Test("of several spellings the tokenizer's own counts; what is no token is left out")
    func spellings() throws {
        let text = """
            The 1 0 0
            the 0 1 0
            two words 5 5 5
            <unk!> 3 3 3
            CAFE\u{301} 0 0 1
            """
        let vectors = try read(text)
        #expect(vectors.count == 2)
        #expect(vectors.row(of: "caf\u{E9}") != nil && vectors.row(of: "The") == nil)
    }

    @Test(
        "bad lines are named by their number",
        arguments: [
            ("a 1 2 3\nb 1 2\nc 1 2 3\n", 2, "has 2 numbers instead of 3"),
            ("a 1 2 3\nb 1 2 3 4\n", 2, "has 4 numbers instead of 3"),
            ("a 1 2 3\nb 1 x 3\n", 2, "number 2 is \"x\""),
            ("3 3\na 1 2 3\nb 1 nan 3\nc 1 2 3\n", 3, "number 2 is \"nan\""),
            ("3 3\na 1 2 3\nb 1 1e99 3\n", 3, "number 2 is \"1e99\""),
            ("a\nb\n", 1, "has 0 numbers"),
            ("2 9999\na 1\n", 1, "says 9999 numbers a word"),
        ]
    )
    func badLines(text: String, line: Int, problem: String) throws {
        do throws(VectorFileError) {
            var reader = VectorReader(name: "f")
            let bytes = Array(text.utf8)
            let result: Result<Void, VectorFileError> = bytes.withUnsafeBytes { buffer in
                do throws(VectorFileError) { return .success(try reader.take(buffer)) } catch {
                    return .failure(error)
                }
            }
            try result.get()
            _ = try reader.finish()
            Issue.record("it was read")
        } catch {
            guard case .badLines(let lines) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(lines.first?.line == line)
            #expect(lines.first?.problem.contains(problem) == true, "\(lines)")
        }
    }

    @Test("other files are told by name, with the way out")
    func otherFiles() throws {
        for (bytes, words) in [
            ([0x1F, 0x8B, 8, 0], "gunzip"), ([0x50, 0x4B, 3, 4], "unzip"),
            ([0xBA, 0x16, 0x4F, 0x2F], ".vec"), ([], "no line"),
            (Array("a 1 2\n".utf8), "only 1 of its words"),
        ] as [([UInt8], String)] {
            let error = #expect(throws: VectorFileError.self) { try read(bytes) }
            #expect(error.map { "\($0)".contains(words) } == true, "\(words)")
        }
        let cut = Array(VectorReaderTests.binary.dropLast(9))
        let error = #expect(throws: VectorFileError.self) { try read(cut) }
        #expect(error.map { "\($0)".contains("word 7: the file ends here") } == true)
    }

    @Test("what is written is what was read")
    func roundTrip() throws {
        let vectors = try read(VectorReaderTests.text(header: true))
        #expect(try WordVectors(parsing: vectors.encoded(), source: "x") == vectors)
        var bytes = vectors.encoded()
        bytes.removeLast(4)
        #expect(throws: CheckpointError.self) { try WordVectors(parsing: bytes, source: "x") }
    }
}
