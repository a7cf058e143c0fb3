import Examples
import Foundation
import Model
import SQLiteStore
import Store
import TestStores
import Testing

@Suite struct WorkCommandTests {
    private let directory: TemporaryDirectory
    private let store: any Store
    private var state: String { directory.path("state") }

    private static let rows = mood.split(separator: "\n").map { line in
        let fields = line.split(separator: "\t")
        return Example(label: String(fields[0]), text: String(fields[1]))
    }

    init() throws {
        directory = try TemporaryDirectory()
        store = try SQLiteStore(directory: directory.path("state"))
    }

    private func submit(
        _ options: String = "{\"recipe\":\"article\",\"epochs\":50}",
        rows: [Example] = rows,
        promotion: Promotion = .always
    ) throws -> String {
        let job = NewJob(
            model: "mood",
            options: Array(options.utf8),
            promotion: promotion,
            examples: rows
        )
        return try store.submit(job: job).job.id
    }

    private func work() throws -> Trainer.Result {
        try Trainer.run(["work", "--state", state, "--until-idle", "--worker-id", "test"])
    }

    /// A job that takes minutes: its epochs are long, and there are many.
    private func submitLongJob() throws -> String {
        let rows = (0..<3000).map { row in
            Example(
                label: "\(row % 2)",
                text: "\(row % 10) " + String(repeating: "a b ", count: 70)
            )
        }
        return try submit("{\"recipe\":\"article\",\"epochs\":1000,\"hidden\":256}", rows: rows)
    }

    private func startLongJob(_ arguments: String...) throws -> (Trainer.Running, String) {
        let id = try submitLongJob()
        let running = try Trainer.Running(["work", "--state", state, "--until-idle"] + arguments)
        try running.wait { try store.job(id)?.progress != nil }
        return (running, id)
    }

    @Test("trains and publishes what `trainer train` writes, bit for bit, with its scores")
    func publishes() throws {
        let id = try submit()
        let result = try work()
        #expect(result.status == 0, "\(result.messages)")
        let job = try #require(try store.job(id))
        #expect(job.state == .succeeded, "\(result.messages)")
        #expect(job.version == 1)
        #expect(job.isPromoted == true)
        #expect(job.progress?.epoch == 50)
        #expect(job.progress?.epochs == 50)
        #expect(job.progress?.loss?.isFinite == true)
        let document = try #require(job.metrics)
        let metrics = try #require(
            JSONSerialization.jsonObject(with: Data(document)) as? [String: Any]
        )
        #expect((metrics["train"] as? [String: Any])?["rows"] as? Int == 6)
        let data = try directory.file("mood.tsv", mood)
        let out = directory.path("mood.json")
        let trained = try Trainer.run([
            "train", "--data", data, "--model", "mood", "--out", out, "--recipe", "article",
            "--epochs", "50", "--measure-held-out",
        ])
        #expect(trained.status == 0)
        let bytes = try #require(try store.checkpointBytes("mood", 1))
        #expect(try Data(contentsOf: URL(filePath: out)) == Data(bytes))
    }

    @Test("works until the queue is empty, and does not promote what should not be")
    func severalJobs() throws {
        let ids = [
            try submit("{\"recipe\":\"article\",\"epochs\":5,\"seed\":1}"),
            try submit("{\"recipe\":\"article\",\"epochs\":5,\"seed\":2}", promotion: .never),
            try submit("{\"recipe\":\"article\",\"epochs\":5,\"seed\":3,\"threads\":2}"),
        ]
        #expect(try work().status == 0)
        #expect(try ids.map { try store.job($0)?.version } == [1, 2, 3])
        #expect(try ids.map { try store.job($0)?.isPromoted } == [true, false, true])
    }

    @Test("--threads is for jobs that do not say how many, and changes no byte of a version")
    func threads() throws {
        let rows = (0..<40).map { row in
            Example(
                label: row % 2 == 0 ? "glad" : "grumpy",
                text: row % 2 == 0 ? "a fine sunny day \(row)" : "it rains and fails \(row)"
            )
        }
        let options = "\"recipe\":\"gru\",\"epochs\":2,\"hidden\":16"
        var messages = ""
        for threads in ["1", "3"] {
            _ = try submit("{\(options)}", rows: rows)
            messages += try Trainer.run([
                "work", "--state", state, "--until-idle", "--threads", threads,
            ]).messages
        }
        _ = try submit("{\(options),\"threads\":2}", rows: rows)
        messages += try work().messages
        _ = try submit("{\(options)}", rows: rows)
        messages += try Trainer.run([
            "work", "--state", state, "--until-idle", "--threads", "1", "--short-threads", "4",
        ]).messages
        for threads in 1...4 {
            #expect(messages.contains("mood, threads: \(threads)"), "\(messages)")
        }
        let digests = try store.versions(of: "mood").map(\.digest)
        #expect(digests.count == 4)
        #expect(Set(digests).count == 1)
        for option in ["--threads", "--short-threads"] {
            let run = try Trainer.run(["work", "--state", state, option, "0"])
            #expect(run.status == 64)
            #expect(run.messages.contains("\(option) must be from 1 to 64"), "\(run.messages)")
        }
    }

    @Test("a job runs the epochs that it asks for, and tells both", arguments: [19, 20, 1000])
    func epochs(epochs: Int) throws {
        let id = try submit("{\"epochs\":\(epochs),\"hidden\":16}")
        #expect(try work().status == 0)
        let job = try #require(try store.job(id))
        #expect(job.options == Array("{\"epochs\":\(epochs),\"hidden\":16}".utf8))
        #expect(job.progress?.epochs == epochs)
        func object(_ bytes: [UInt8]?) throws -> [String: Any] {
            let value = try JSONSerialization.jsonObject(with: Data(try #require(bytes)))
            return try #require(value as? [String: Any])
        }
        let network = try #require(
            try object(try store.report(ofJob: id))["network"] as? [String: Any]
        )
        for told in [network, try object(job.metrics)] {
            #expect(told["given"] as? [String] == ["epochs", "hidden"])
            #expect((told["options"] as? [String: Any])?["hidden"] as? Int == 16)
            let ran = try #require(told["epochs"] as? [String: Any])
            #expect(ran["asked"] as? Int == epochs)
            let paths = try #require(ran["paths"] as? [[String: Any]])
            #expect(!paths.isEmpty && paths.allSatisfy { $0["run"] as? Int == epochs })
        }
    }

    @Test("an empty queue is no error")
    func idle() throws {
        let result = try work()
        #expect(result.status == 0)
        #expect(result.messages.isEmpty)
    }

    @Test(
        "a job that cannot be trained fails with the reason, and the next one runs",
        arguments: [
            ("{\"epochs\":5}", [("a", "same"), ("b", "Same")], "contradictory"),
            ("{\"recipe\":\"article\",\"learning_rate\":10,\"epochs\":2000}", [], "diverged"),
            ("{\"learning_rate\":1e6}", [], "invalid_options"),
            ("{\"epochs\":0}", [], "invalid_options"),
            ("{\"hidden\":1000000}", [], "invalid_options"),
        ]
    )
    func failures(_ options: String, _ rows: [(String, String)], _ code: String) throws {
        let examples = rows.map { Example(label: $0.0, text: $0.1) }
        let bad = try submit(options, rows: examples.isEmpty ? Self.rows : examples)
        let good = try submit()
        #expect(try work().status == 0)
        let job = try #require(try store.job(bad))
        #expect(job.state == .failed)
        #expect(job.failure?.code == code)
        #expect(job.failure?.detail.isEmpty == false)
        #expect(job.version == nil)
        #expect(try store.job(good)?.state == .succeeded)
        #expect(try store.versions(of: "mood").count == 1)
    }

    @Test("a job whose rows were taken away while it waited fails, and the data set stays")
    func takenAway() throws {
        let bad = try submit(
            "{\"epochs\":5}",
            rows: [
                Example(label: "a", text: "x"), Example(label: "b", text: "y"),
            ]
        )
        let removal = ExampleChange(model: "mood", removedTexts: ["y"])
        #expect(try store.changeExamples(removal).change.removed == 1)
        #expect(try work().status == 0)
        #expect(try store.job(bad)?.failure?.code == "one_label")
        #expect(try store.examples(of: "mood", limit: 9)?.rows.isEmpty == true)
    }

    @Test("a cancel takes effect inside an epoch, and nothing is published")
    func cancelled() throws {
        let (running, id) = try startLongJob()
        _ = try store.requestCancel(id)
        let result = try running.end()
        #expect(result.status == 0)
        #expect(try store.job(id)?.state == .cancelled)
        #expect(try store.models().isEmpty)
    }

    @Test("SIGTERM gives the job back to the queue and ends with 0")
    func terminated() throws {
        let (running, id) = try startLongJob()
        running.process.terminate()
        #expect(try running.end().status == 0)
        let job = try #require(try store.job(id))
        #expect(job.state == .queued)
        #expect(job.reason?.contains("told to stop") == true)
    }

    @Test("with --exit-with-parent, the end of its input gives the job back and ends it")
    func parentDied() throws {
        let (running, id) = try startLongJob("--exit-with-parent")
        // Closes the pipe.
        #expect(try running.end().status == 0)
        #expect(try store.job(id)?.state == .queued)
    }

    @Test("without --until-idle it waits for jobs, and still stops at once")
    func waits() throws {
        let running = try Trainer.Running(["work", "--state", state, "--poll", "0.05"])
        Thread.sleep(forTimeInterval: 0.3)
        #expect(running.process.isRunning)
        let id = try submit()
        try running.wait { try store.job(id)?.state == .succeeded }
        running.process.terminate()
        #expect(try running.end().status == 0)
    }

    @Test("a state directory that cannot be used is a sentence, not a crash")
    func badState() throws {
        let file = try directory.file("file", "")
        let result = try Trainer.run(["work", "--state", file, "--until-idle"])
        #expect(result.status == 66)
        #expect(result.messages.contains("cannot be opened"))
    }
}
