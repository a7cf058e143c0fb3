import Foundation
import Model
import Testing

@Suite struct TrainCommandTests {
    private let directory: TemporaryDirectory
    private let data: String

    init() throws {
        directory = try TemporaryDirectory()
        data = try directory.file("mood.tsv", mood)
    }

    private var out: String { directory.path("mood.json") }

    private func train(_ arguments: String..., data: [String]? = nil) throws -> Trainer.Result {
        try Trainer.run(
            ["train", "--data"] + (data ?? [self.data]) + [
                "--model", "mood", "--out", out, "--recipe", "article",
            ]
                + arguments
        )
    }

    @Test("writes a checkpoint that loads, and reports tables, matrix and accuracy")
    func trains() throws {
        let result = try train("--epochs", "300", "--test", data)
        #expect(result.status == 0, "\(result.messages)")
        for part in [
            "precision", "recall", "F1", "true \\ predicted", "accuracy 100.00 % (6 of 6)",
        ] {
            #expect(result.output.contains(part))
        }
        let checkpoint = try Checkpoint(contentsOf: out)
        #expect(checkpoint.training.options.epochs == 300)
        #expect(checkpoint.training.heldOut?.rows == 6)
        #expect(directory.names == ["mood.json", "mood.tsv"])
    }

    @Test("word vectors are read, told of, and kept in the checkpoint; bad lines are named")
    func vectors() throws {
        let words = ["happy", "sad", "good", "bad", "am", "i", "not", "very", "today", "feeling"]
        let lines = words.enumerated().map { "\($0.element) \($0.offset) 0.5 -\($0.offset % 3)" }
        let good = try directory.file("my.vec", "10 3\n" + lines.joined(separator: "\n") + "\n")
        let result = try Trainer.run([
            "train", "--data", data, "--model", "mood", "--out", out, "--vectors", good,
            "--epochs", "2", "--json",
        ])
        #expect(result.status == 0, "\(result.messages)")
        let told = try #require(try result.json()["vectors"] as? [String: Any])
        #expect(told["name"] as? String == "my.vec" && told["words"] as? Int == 10)
        #expect(told["dimensions"] as? Int == 3)
        #expect(try Checkpoint(contentsOf: out).vectors?.count == 10)
        let shown = try Trainer.run(["inspect", out])
        #expect(shown.output.contains("my.vec, 10 words of 3 dimensions"))
        let answer = try Trainer.run(
            ["predict", "--checkpoint", out, "--json"],
            input: Data("good today\n".utf8)
        )
        #expect(answer.status == 0, "\(answer.messages)")
        let bad = try directory.file("bad.vec", "a 1 2\nb 1\nc x 2\n")
        let refused = try Trainer.run([
            "train", "--data", data, "--model", "mood", "--out", out, "--vectors", bad,
        ])
        #expect(refused.status == 65)
        #expect(refused.messages.contains("bad.vec:2: has 1 numbers instead of 2"))
        #expect(refused.messages.contains("bad.vec:3: number 1 is \"x\""))
        #expect(try train("--vectors", good).status == 64)
    }

    @Test("texts without labels are looked at, and the result says what they were worth")
    func unlabelled() throws {
        let texts = try directory.file("texts.txt", "i am glad\n\ni am so sad\nwhat a day\n")
        let result = try Trainer.run([
            "train", "--data", data, "--model", "mood", "--out", out, "--unlabelled", texts,
            "--recipe", "linear", "--epochs", "2", "--json",
        ])
        #expect(result.status == 0, "\(result.messages)")
        let told = try #require(try result.json()["unlabelled"] as? [String: Any])
        #expect(told["texts"] as? Int == 3)
        #expect((told["description"] as? String)?.contains("3 unlabelled texts") == true)
        let missing = try Trainer.run([
            "train", "--data", data, "--model", "mood", "--out", out, "--unlabelled", "none.txt",
        ])
        #expect(missing.status == 66)
    }

    @Test("without a terminal, progress is some plain lines on standard error")
    func plainProgress() throws {
        let result = try train("--epochs", "20000")
        let lines = result.messages.split(separator: "\n").filter { $0.hasPrefix("epoch ") }
        #expect((1...30).contains(lines.count))
        #expect(lines.last?.hasPrefix("epoch 20000/20000  loss 0.") == true)
        #expect(!result.messages.contains("\r"))
        #expect(!result.messages.contains("\u{1B}"))
    }

    @Test("on a terminal, progress is a live bar with epoch, loss, accuracy and time left")
    func bar() throws {
        let terminal = try PseudoTerminal()
        let process = Process()
        process.executableURL = Trainer.program
        process.arguments = [
            "train", "--data", data, "--model", "mood", "--out", out, "--recipe", "article",
            "--epochs", "50000",
        ]
        process.environment = ["TERM": "xterm"]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = terminal.slave
        try process.run()
        let shown = terminal.readUntilClosed(after: process)
        #expect(process.terminationStatus == 0)
        #expect(shown.contains("\r"))
        let parts = ["█", "░", "epoch ", "/50000", "loss 0.", "accuracy ", " left", "\u{1B}[K"]
        for part in parts {
            #expect(shown.contains(part), "\(part) in \(shown.suffix(200))")
        }
    }

    @Test("the same rows, options and seed give the same bytes, on one thread or two")
    func deterministic() throws {
        var files: [Data] = []
        for threads in ["1", "2", "1"] {
            #expect(try train("--epochs", "50", "--threads", threads).status == 0)
            files.append(try Data(contentsOf: URL(filePath: out)))
        }
        #expect(files[0] == files[1])
        #expect(files[0] == files[2])
        #expect(try train("--epochs", "50", "--seed", "2").status == 0)
        #expect(try Data(contentsOf: URL(filePath: out)) != files[0])
    }

    @Test(
        "reads every format, told by name or contents, and gives the same checkpoint",
        arguments: [
            ("d.csv", "text,label\r\nI am good,happy\r\n\"I am bad\",sad\r\n"),
            ("d.csv", "happy,I am good\nsad,I am bad\n"),
            (
                "d.jsonl",
                "{\"text\":\"I am good\",\"label\":\"happy\"}\n"
                    + "{\"label\":\"sad\",\"text\":\"I am bad\"}\n"
            ),
            ("d.txt", "__label__happy I am good\n__label__sad I am bad\n"),
            ("d.txt", "happy\tI am good\nsad\tI am bad\n"),
        ]
    )
    func formats(_ name: String, _ contents: String) throws {
        let plain = try directory.file("plain.tsv", "happy\tI am good\nsad\tI am bad\n")
        #expect(try train("--epochs", "2", data: [plain]).status == 0)
        let expected = try Data(contentsOf: URL(filePath: out))
        let file = try directory.file(name, contents)
        let result = try train("--epochs", "2", data: [file])
        #expect(result.status == 0, "\(result.messages)")
        #expect(try Data(contentsOf: URL(filePath: out)) == expected)
    }

    @Test("several files are one data set, and --format overrules the name")
    func severalFiles() throws {
        let first = try directory.file("a.dat", "happy\tgood\n")
        let second = try directory.file("b.dat", "sad\tbad\n")
        let result = try train("--epochs", "2", "--format", "tsv", "--json", data: [first, second])
        #expect(result.status == 0, "\(result.messages)")
        #expect(try Checkpoint(contentsOf: out).training.rows == 2)
        let wrong = try train("--format", "jsonl", data: [data])
        #expect(wrong.status == 65)
    }

    @Test("bad rows are all named by file and line, and nothing is written")
    func badRows() throws {
        let bad = try directory.file("bad.tsv", "happy\tgood\nno tab here\nsad\tbad\nsad\t\n")
        let result = try train(data: [bad])
        #expect(result.status == 65)
        #expect(result.messages.contains("bad.tsv:2: "))
        #expect(result.messages.contains("bad.tsv:4: "))
        #expect(directory.names == ["bad.tsv", "mood.tsv"])
    }

    @Test(
        "rows that teach nothing are refused with a sentence",
        arguments: [
            ("", "no examples"),
            ("happy\tgood\n", "all rows have the label \"happy\""),
            ("happy\tsame\nsad\tsame\n", "the same texts have different labels"),
            ("happy\t\nsad\t \n", "the text is empty"),
        ]
    )
    func uselessData(_ contents: String, _ sentence: String) throws {
        let file = try directory.file("useless.tsv", contents)
        let result = try train(data: [file])
        #expect(result.status == 65)
        #expect(result.messages.contains(sentence), "\(result.messages)")
        #expect(directory.names == ["mood.tsv", "useless.tsv"])
    }

    @Test(
        "options out of range are refused with what they may be",
        arguments: [
            ["--learning-rate", "1e6"], ["--learning-rate", "1e-40"], ["--learning-rate=-1"],
            ["--learning-rate", "nan"], ["--epochs", "0"], ["--epochs", "2147483648"],
            ["--hidden", "0"], ["--hidden", "1000000"], ["--threads", "0"], ["--seed=-1"],
            ["--holdout", "1"], ["--recipe", "magic"], ["--unknown"],
        ]
    )
    func badOptions(arguments: [String]) throws {
        let result = try Trainer.run(
            ["train", "--data", data, "--model", "mood", "--out", out, "--recipe", "article"]
                + arguments
        )
        #expect(result.status == 64)
        #expect(!result.messages.isEmpty)
        #expect(directory.names == ["mood.tsv"])
    }

    @Test("a run that diverges writes nothing and leaves what was there", arguments: 1...3)
    func diverges(seed: Int) throws {
        try Data("old".utf8).write(to: URL(filePath: out))
        let result = try train("--learning-rate", "10", "--epochs", "2000", "--seed", "\(seed)")
        #expect(result.status == 1)
        #expect(result.messages.contains("diverged"))
        #expect(try Data(contentsOf: URL(filePath: out)) == Data("old".utf8))
        #expect(directory.names == ["mood.json", "mood.tsv"])
    }

    @Test("paths that cannot work are refused before the training")
    func badPaths() throws {
        #expect(try train(data: [directory.path("missing.tsv")]).status == 66)
        #expect(try train(data: [directory.url.path]).status == 66)
        let result = try Trainer.run([
            "train", "--data", data, "--model", "mood", "--out", directory.path("none/mood.json"),
        ])
        #expect(result.status == 73)
        #expect(result.messages.contains("there is no directory"))
        let name = try Trainer.run(["train", "--data", data, "--model", "../x", "--out", out])
        #expect(name.status == 64)
    }

    @Test("--holdout scores rows that were not learnt; --dev and --test score files")
    func parts() throws {
        let held = try train("--epochs", "3", "--holdout", "0.34", "--json").json()
        #expect((held["train"] as? [String: Any])?["rows"] as? Int == 4)
        #expect((held["dev"] as? [String: Any])?["rows"] as? Int == 2)
        let other = try directory.file("other.tsv", "sad\tI am not good\n")
        let files = try train("--epochs", "3", "--dev", other, "--test", data, "--json")
        let json = try files.json()
        #expect((json["dev"] as? [String: Any])?["rows"] as? Int == 1)
        #expect((json["test"] as? [String: Any])?["accuracy"] is NSNumber)
        #expect(files.messages.contains("6 of 6 test texts are among the training texts"))
        let unknown = try directory.file("unknown.tsv", "angry\tI am angry\n")
        let refused = try train("--test", unknown)
        #expect(refused.status == 65)
        #expect(refused.messages.contains("\"angry\""))
    }

    @Test("Ctrl-C stops inside an epoch, writes nothing and ends with 130")
    func interrupted() throws {
        let running = try Trainer.Running(
            [
                "train", "--data", data, "--model", "mood", "--out", out, "--recipe", "article",
                "--epochs", "100000",
                "--hidden", "1024",
            ]
        )
        try running.wait { running.messages.contains("epoch ") }
        running.process.interrupt()
        let result = try running.end()
        #expect(result.status == 130)
        #expect(result.messages.contains("nothing was written"))
        #expect(directory.names == ["mood.tsv"])
    }

    @Test("Ctrl-C with --keep-best writes the best weights so far")
    func keepsBest() throws {
        let running = try Trainer.Running(
            [
                "train", "--data", data, "--model", "mood", "--out", out, "--recipe", "article",
                "--epochs", "100000",
                "--hidden", "256", "--keep-best",
            ]
        )
        try running.wait { running.messages.contains("epoch ") }
        running.process.interrupt()
        let result = try running.end()
        #expect(result.status == 0, "\(result.messages)")
        #expect(result.output.contains("Stopped; kept the best weights, after epoch "))
        let record = try Checkpoint(contentsOf: out).training
        #expect(record.options.epochs == 100_000 && record.epochs?.asked == 100_000)
        let epochs = try #require(record.epochs?.paths.first).kept
        #expect((1..<100_000).contains(epochs))
        // What was stopped can be made again.
        let again = try Trainer.run(["verify", out, "--data", data])
        #expect(again.status == 0, "\(again.messages)\(again.output)")
    }

    @Test(
        "Ctrl-C stops a mixed network too, and --keep-best writes what it has",
        arguments: [false, true]
    )
    func interruptedMixed(keepsBest: Bool) throws {
        let rows = (0..<2100).map { "\($0 % 2)\tword\($0 % 2) and \($0 % 50) of many more words" }
        let file = try directory.file("rows.tsv", rows.joined(separator: "\n"))
        let running = try Trainer.Running(
            [
                "train", "--data", file, "--model", "mood", "--out", out, "--recipe", "gru",
                "--epochs", "40", "--hidden", "96",
            ] + (keepsBest ? ["--keep-best"] : [])
        )
        // A first line comes in the first epoch, the second after a tenth of the run.
        try running.wait {
            running.messages.split(separator: "\n").count { $0.hasPrefix("epoch ") } >= 2
        }
        running.process.interrupt()
        let result = try running.end()
        #expect(result.status == (keepsBest ? 0 : 130))
        #expect(directory.names.contains("mood.json") == keepsBest)
        guard keepsBest else { return }
        #expect(result.output.contains("Stopped; kept the best weights so far."))
        let choice = try Checkpoint(contentsOf: out).training.choice
        #expect(choice?.contains("stopped before the end") == true)
    }

    @Test("every command explains itself")
    func help() throws {
        let commands = ["train", "evaluate", "predict", "inspect", "compare", "shrink", "work"]
        for command in commands {
            let result = try Trainer.run([command, "--help"])
            #expect(result.status == 0)
            #expect(result.output.contains("OVERVIEW: "))
        }
        #expect(try Trainer.run(["--version"]).output == elmanVersion + "\n")
        #expect(try Trainer.run(["--help"]).output.contains("Exit status:"))
        #expect(try Trainer.run(["no-such-command"]).status == 64)
    }
}

let mood = """
    happy\tI am good
    sad\tI am bad
    sad\tnot good
    happy\tnot bad
    happy\tthis is not at all bad
    sad\tthis is not at all good

    """
