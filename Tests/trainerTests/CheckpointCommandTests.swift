import Foundation
import Model
import Testing

/// `evaluate`, `predict` and `inspect`, on one small checkpoint.
@Suite struct CheckpointCommandTests {
    private let directory: TemporaryDirectory
    private let data: String
    private let checkpoint: String

    init() throws {
        directory = try TemporaryDirectory()
        data = try directory.file("mood.tsv", mood)
        checkpoint = directory.path("mood.json")
        let result = try Trainer.run([
            "train", "--data", data, "--model", "mood", "--out", checkpoint, "--recipe",
            "article", "--epochs", "200",
        ])
        try #require(result.status == 0, "\(result.messages)")
    }

    private func predict(_ arguments: String..., input: String) throws -> Trainer.Result {
        try Trainer.run(
            ["predict", "--checkpoint", checkpoint] + arguments,
            input: Data(input.utf8)
        )
    }

    @Test("evaluate --json has accuracy, macro_f1, rows, labels and confusion")
    func evaluateJSON() throws {
        let other = try directory.file("other.tsv", mood + "happy\tI am bad\n")
        let json = try Trainer.run([
            "evaluate", "--checkpoint", checkpoint, "--data", other, "--json",
        ]).json()
        #expect(json["rows"] as? Int == 7)
        #expect(abs((json["accuracy"] as? Double ?? 0) - 6.0 / 7) < 1e-6)
        #expect(json["labels"] as? [String] == ["happy", "sad"])
        #expect(json["confusion"] as? [[Int]] == [[3, 1], [0, 3]])
        #expect(abs((json["macro_f1"] as? Double ?? 0) - 6.0 / 7) < 1e-6)
    }

    @Test(
        "every command that reads rows takes --label-column, --text-column and --header",
        arguments: [
            ["doctor", "--json"], ["evaluate", "--json", "--checkpoint", "CHECKPOINT"],
            ["diff", "--json", "CHECKPOINT", "CHECKPOINT"],
            ["compare", "--json", "--recipes", "linear", "--dev", "FILE"],
            ["train", "--json", "--model", "m", "--epochs", "1", "--out", "OUT"],
        ]
    )
    func columns(arguments: [String]) throws {
        let lines = mood.split(separator: "\n").enumerated().map { index, line in
            let cells = line.split(separator: "\t")
            return "\(index);\(cells[1]);\(cells[0])\n"
        }
        let file = try directory.file("table.csv", "id;said;grp\n" + lines.joined())
        let places = [
            "CHECKPOINT": checkpoint, "FILE": file, "OUT": directory.path("columns.json"),
        ]
        let command = arguments.map { places[$0] ?? $0 } + ["--data", file]
        let refused = try Trainer.run(command)
        #expect(refused.status == 65, "\(refused)")
        #expect(refused.messages.contains("\"id\", \"said\", \"grp\""), "\(refused)")
        #expect(refused.messages.contains("--label-column="), "\(refused)")
        let names = try Trainer.run(command + ["--label-column", "grp", "--text-column", "said"])
        #expect(names.status == 0, "\(names)")
        let numbers = ["--label-column=3", "--text-column=2", "--header=yes"]
        #expect(try Trainer.run(command + numbers).status == 0)
        #expect(try Trainer.run(command + ["--header", "maybe"]).status == 64)
    }

    @Test("evaluate lists mistakes, as JSON and as text, by the names of a report")
    func evaluateMistakes() throws {
        let other = try directory.file("other.tsv", mood + "happy\tI am bad\nhappy\tnot good\n")
        func evaluated(_ more: String...) throws -> Trainer.Result {
            try Trainer.run(["evaluate", "--checkpoint", checkpoint, "--data", other] + more)
        }
        let json = try evaluated("--json").json()
        let mistakes = try #require(json["mistakes"] as? [[String: Any]])
        #expect(Set(mistakes.compactMap { $0["text"] as? String }) == ["I am bad", "not good"])
        let confusions = try #require(json["top_confusions"] as? [[String: Any]])
        #expect(confusions.count == 1 && confusions[0]["rows"] as? Int == 2)
        #expect(
            (try evaluated("--json", "--mistakes", "1").json()["mistakes"] as? [Any])?.count == 1
        )
        let text = try evaluated().output
        #expect(text.contains("the surest of 2 mistakes:\n"))
        #expect(!(try evaluated("--mistakes", "0").output.contains("mistakes:")))
        for bad in ["-1", "1001", "x"] {
            #expect(try evaluated("--mistakes=\(bad)").status == 64, "\(bad)")
        }
        // The same thing has the same members in a report, and all but the oldest the same name.
        let file = directory.path("report.json")
        let trained = try Trainer.run([
            "train", "--data", data, "--test", other, "--model", "mood", "--out",
            directory.path("again.json"), "--recipe", "article", "--epochs", "200", "--report",
            file,
        ])
        #expect(trained.status == 0, "\(trained.messages)")
        let object = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: file)))
        let report = try #require(object as? [String: Any])
        for name in ["mistakes", "top_confusions"] {
            #expect(report[name] as? NSArray == json[name] as? NSArray, "\(name)")
        }
        #expect(report["per_class"] as? NSArray == json["per_label"] as? NSArray)
    }

    @Test("evaluate prints the table and the accuracy")
    func evaluateText() throws {
        let result = try Trainer.run(["evaluate", "--checkpoint", checkpoint, "--data", data])
        #expect(result.status == 0)
        #expect(result.output.contains("accuracy 100.00 % (6 of 6)"))
        #expect(result.output.contains("true \\ predicted"))
    }

    @Test("evaluate tells calibration and coverage, as text and as JSON")
    func evaluateConfidence() throws {
        // 99 % is proven by 299 right answers (0.99^299 < 0.05), and six prove nothing.
        let many = try directory.file("many.tsv", String(repeating: mood, count: 50))
        let text = try Trainer.run(["evaluate", "--checkpoint", checkpoint, "--data", many])
        #expect(text.output.contains("expected calibration error "))
        #expect(text.output.contains("right  at a score from  rows answered"))
        let json = try Trainer.run([
            "evaluate", "--checkpoint", checkpoint, "--data", many, "--json",
        ]).json()
        #expect((0...1).contains(try #require(json["ece"] as? Double)))
        let coverage = try #require(json["coverage"] as? [[String: Double]])
        #expect(coverage.map { $0["accuracy"] } == [0.9, 0.95, 0.99])
        #expect(coverage.allSatisfy { $0["coverage"] == 1 && ($0["threshold"] ?? 0) > 0.5 })
        #expect(json["out_of_scope"] == nil)
        let few = try Trainer.run(["evaluate", "--checkpoint", checkpoint, "--data", data])
        #expect(few.output.contains("never: no score proves"))
    }

    @Test(
        "evaluate --out-of-scope reads every format, ignores labels, and lines of text",
        arguments: [
            ("o.tsv", "angry\twhat else\nhappy\tnothing known\n"),
            (
                "o.jsonl",
                "{\"text\":\"what else\",\"label\":\"?\"}\n{\"text\":\"x\",\"label\":\"?\"}\n"
            ),
            ("o.txt", "what else, and why\n\n__label__ or not\r\n"),
        ]
    )
    func outOfScope(_ name: String, _ contents: String) throws {
        let file = try directory.file(name, contents)
        let arguments = [
            "evaluate", "--checkpoint", checkpoint, "--data", data, "--out-of-scope", file,
        ]
        let json = try Trainer.run(arguments + ["--json"]).json()
        let report = try #require(json["out_of_scope"] as? [String: Double])
        #expect(report["rows"] == 2)
        for key in ["auroc", "threshold", "accepted_at_95"] {
            #expect((0...1).contains(try #require(report[key])))
        }
        let text = try Trainer.run(arguments)
        #expect(text.output.contains("out of scope: AUROC "))
        #expect(text.output.contains(" on 2 rows"))
    }

    @Test("evaluate names a file out of scope that cannot be read")
    func badOutOfScope() throws {
        let missing = try Trainer.run([
            "evaluate", "--checkpoint", checkpoint, "--data", data, "--out-of-scope", "none.txt",
        ])
        #expect(missing.status == 66)
        let bytes = try directory.file("bad.txt", Data([0xFF, 0xFE, 10]))
        let bad = try Trainer.run([
            "evaluate", "--checkpoint", checkpoint, "--data", data, "--out-of-scope", bytes,
        ])
        #expect(bad.status == 65)
        #expect(bad.messages.contains("bad.txt:1: "))
    }

    @Test("evaluate refuses a label that the model does not have")
    func evaluateUnknownLabel() throws {
        let other = try directory.file("other.tsv", "angry\tx\n")
        let result = try Trainer.run(["evaluate", "--checkpoint", checkpoint, "--data", other])
        #expect(result.status == 65)
        #expect(result.messages.contains("\"angry\""))
    }

    @Test("predict answers each line, also empty and unknown ones, with label, tab and score")
    func predictLines() throws {
        let result = try predict(input: "I am good\r\n\nbrand new words\nnot good")
        #expect(result.status == 0)
        let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 5)
        #expect(lines.last == "")
        for line in lines.dropLast() {
            let fields = line.split(separator: "\t")
            #expect(fields.count == 2)
            #expect(["happy", "sad"].contains(fields[0]))
            #expect((0.5...1).contains(Float(fields[1]) ?? 0))
        }
        #expect(lines[0].hasPrefix("happy\t"))
        #expect(lines[3].hasPrefix("sad\t"))
    }

    @Test("predict takes CR as a line end, and a byte-order mark at the start of any line")
    func predictLineEnds() throws {
        let plain = try predict(input: "I am good\nnot good\n")
        for input in [
            "I am good\rnot good\r", "I am good\r\nnot good",
            "\u{FEFF}I am good\n\u{FEFF}not good\n",
        ] {
            #expect(try predict(input: input).output == plain.output, "\(input)")
        }
    }

    @Test(
        "predict says what a file is instead of UTF-8 text",
        arguments: [
            ("i am happy\ni am sad\n".data(using: .utf16LittleEndian), "-f UTF-16LE"),
            ("i am happy\ni am sad\n".data(using: .utf16), "-f UTF-16 "),
            (Data([0x1F, 0x8B, 8, 0]), "gunzip"),
            ("good\ncaf\u{E9}\n".data(using: .windowsCP1252), ":2: byte 0xE9"),
            ("caf\u{E9}\n".data(using: .windowsCP1252), "-f WINDOWS-1252"),
        ] as [(Data?, String)]
    )
    func predictContent(input: Data?, says: String) throws {
        let result = try Trainer.run(
            ["predict", "--checkpoint", checkpoint],
            input: try #require(input)
        )
        #expect(result.status == 65 && result.messages.contains(says), "\(result)")
    }

    @Test("predict --json gives an object a line, equal to what the library answers")
    func predictJSON() throws {
        let texts = ["I am good", "unknown I", String(repeating: "good ", count: 200)]
        let result = try predict("--json", input: texts.joined(separator: "\n"))
        let lines = result.output.split(separator: "\n")
        #expect(lines.count == 3)
        let classifier = try TextClassifier(Checkpoint(contentsOf: checkpoint))
        for (text, line) in zip(texts, lines) {
            let object = try #require(
                JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            )
            let expected = classifier.classify(text)
            #expect(object["label"] as? String == classifier.labels[expected.prediction.labelIndex])
            let score = try #require(object["score"] as? NSNumber).floatValue
            #expect(score == expected.prediction.score)
            let scores = try #require(object["scores"] as? [String: NSNumber])
            #expect(scores["happy"]?.floatValue == expected.probabilities[0])
            #expect(object["truncated"] as? Bool == expected.prediction.isTruncated)
            #expect(object["unknown_words"] is NSNumber)
        }
    }

    @Test("predict answers as lines arrive, so it works in a pipe")
    func streams() throws {
        let process = Process()
        let (input, output) = (Pipe(), Pipe())
        process.executableURL = Trainer.program
        process.arguments = ["predict", "--checkpoint", checkpoint]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        for text in ["I am good", "I am bad"] {
            input.fileHandleForWriting.write(Data("\(text)\n".utf8))
            // Blocks until the answer is there; the input is still open.
            let answer = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
            #expect(answer.split(separator: "\t").count == 2)
        }
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    @Test("predict reads a file, and a line that is no UTF-8 is named after the answers before it")
    func badLine() throws {
        let file = try directory.file(
            "texts",
            Data("good\nbad\n\u{E9}t\u{E9}\n".utf8) + [0xFF, 10]
        )
        let result = try Trainer.run(["predict", "--checkpoint", checkpoint, file])
        #expect(result.status == 65)
        #expect(result.output.split(separator: "\n").count == 3)
        #expect(result.messages.contains("texts:4: byte 0xFF is not valid UTF-8"))
    }

    @Test("predict ends quietly when its reader has seen enough")
    func closedPipe() throws {
        let texts = try directory.file("many", String(repeating: "good\n", count: 200_000))
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = [
            "-c", "\"$0\" predict --checkpoint \"$1\" \"$2\" 2>\"$3\" | head -n 1 >/dev/null",
            Trainer.program.path, checkpoint, texts, directory.path("messages"),
        ]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(try String(contentsOfFile: directory.path("messages"), encoding: .utf8) == "")
    }

    @Test("of a line of more than 1 MiB the start is read, up to a word's end")
    func longLine() throws {
        let words = String(repeating: "zzz \u{FC} ", count: 1 << 20)
        let result = try predict("--json", input: "good\ngood \(words)bad\nbad")
        #expect(result.status == 0)
        let lines = result.output.split(separator: "\n").map(String.init)
        let objects = try lines.map {
            try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
        #expect(objects.map { $0["truncated"] as? Bool } == [false, true, false])
        #expect(objects.map { $0["abstained"] as? Bool } == [false, false, false])
    }

    @Test("predict says the prior of a line of which nothing is known")
    func predictUnknown() throws {
        let result = try predict("--json", input: "xyzzy\n\ngood")
        let lines = result.output.split(separator: "\n").map(String.init)
        #expect(lines.count == 3)
        for line in lines.prefix(2) {
            #expect(line.contains(#""abstained":true,"reason":"no known words""#), "\(line)")
        }
        #expect(lines[2].contains(#""abstained":false"#) && !lines[2].contains("reason"))
    }

    @Test("inspect shows what the checkpoint is and how it was made")
    func inspect() throws {
        let text = try Trainer.run(["inspect", checkpoint])
        #expect(text.status == 0)
        for part in [
            "mood", "hidden size 64", "2: happy, sad", "article recipe, 6 rows, 200 epochs",
            "recipe, epochs", "200 asked; article 200 run",
            "the first 80 and the last 80 tokens of a text",
        ] {
            #expect(text.output.contains(part), "\(part)")
        }
        let json = try Trainer.run(["inspect", checkpoint, "--json"]).json()
        #expect(json["model"] as? String == "mood")
        #expect(json["parameters"] as? Int == 10 * 64 + 64 * 64 + 64 + 64 * 2 + 2)
        let training = try #require(json["training"] as? [String: Any])
        #expect(training["rows"] as? Int == 6)
        #expect((json["sha256"] as? String)?.count == 64)
    }

    @Test("a damaged or missing checkpoint is refused, naming file and field")
    func badCheckpoint() throws {
        var bytes = try Data(contentsOf: URL(filePath: checkpoint))
        bytes.replaceSubrange(
            try #require(bytes.firstRange(of: Data("\"hidden_size\":64".utf8))),
            with: Data("\"hidden_size\":63".utf8)
        )
        let damaged = try directory.file("damaged.json", bytes)
        for arguments in [
            ["evaluate", "--checkpoint", damaged, "--data", data],
            ["predict", "--checkpoint", damaged], ["inspect", damaged],
        ] {
            let result = try Trainer.run(arguments)
            #expect(result.status == 65)
            #expect(result.messages.contains("damaged.json: /"))
            #expect(result.output.isEmpty)
        }
        let missing = directory.path("missing.json")
        #expect(try Trainer.run(["inspect", missing]).status == 66)
        #expect(try Trainer.run(["inspect", directory.url.path]).status == 66)
    }
}
