import Examples
import Foundation
import SQLiteStore
import Store
import TestStores
import Testing

/// What `trainer work` makes live, and what it tells of its decision.
@Suite struct WorkDecisionTests {
    private let directory: TemporaryDirectory
    private let store: any Store
    private var state: String { directory.path("state") }

    init() throws {
        directory = try TemporaryDirectory()
        store = try SQLiteStore(directory: directory.path("state"))
    }

    /// Rows whose label follows from a word; `wrong` of 100 have the other label.
    private func rows(_ count: Int, wrong: Int = 0) -> [Example] {
        (0..<count).map { row in
            let isGlad = (row % 2 == 0) != (row * 37 % 100 < wrong)
            return Example(
                label: isGlad ? "glad" : "grumpy",
                text: (row % 2 == 0 ? "sun \(row % 7)" : "rain \(row % 5)") + " day \(row)"
            )
        }
    }

    private func submit(
        _ examples: [Example],
        promotion: Promotion = .ifBetter,
        extends: Bool = false,
        options: String = "{\"recipe\":\"linear\",\"epochs\":4}",
        mayPromote: Bool = true
    ) throws -> String {
        var job = NewJob(
            model: "mood",
            options: Array(options.utf8),
            promotion: promotion,
            examples: examples,
            mode: extends ? .extend : nil
        )
        job.mayPromote = mayPromote
        return try store.submit(job: job).job.id
    }

    /// Submits a job, trains it and returns what became of it.
    private func train(
        _ examples: [Example],
        promotion: Promotion = .ifBetter,
        extends: Bool = false,
        mayPromote: Bool = true
    ) throws -> Job {
        let id = try submit(
            examples,
            promotion: promotion,
            extends: extends,
            mayPromote: mayPromote
        )
        let result = try Trainer.run(["work", "--state", state, "--until-idle"])
        #expect(result.status == 0, "\(result.messages)")
        // Texts of requests go to no log.
        #expect(!result.messages.contains("day") && !result.messages.contains("glad"))
        return try #require(try store.job(id))
    }

    private func report(_ job: Job) throws -> [String: Any] {
        let bytes = try #require(try store.report(ofJob: job.id))
        return try #require(
            JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
        )
    }

    @Test("the first version goes live; the same rows again give no evidence; better ones do")
    func ifBetter() throws {
        let first = try train(rows(100, wrong: 100))
        #expect(first.isPromoted == true)
        let same = try train(rows(100, wrong: 100))
        #expect(same.isPromoted == false)
        #expect(same.reason?.hasPrefix("not proven better than version 1; ") == true)
        #expect(same.reason?.contains(", 0 differ, 0 for the new version, p = 1.00") == true)
        let better = try train(rows(120))
        #expect(better.isPromoted == true, "\(better.reason ?? "")")
        #expect(better.reason?.hasPrefix("better than version 1; ") == true)
        let comparison = try #require(try report(better)["comparison"] as? [String: Any])
        #expect(comparison["version"] as? Int == 1)
        // The wrong labels of the live version's rows are no evidence; the 20 other rows are.
        #expect(comparison["relabelled"] as? Int == 100)
        #expect(comparison["rows"] as? Int == 20)
        #expect(try store.liveVersions().map(\.version) == [3])
        #expect(try store.heldOutAnswers(of: "mood", 3).count == 120)
    }

    @Test("new labels with extend count for the version that knows them")
    func newLabels() throws {
        _ = try train(rows(100))
        let new = (0..<40).map { Example(label: "new", text: "snow \($0 % 6) falls \($0)") }
        let job = try train(new, promotion: .ifNotWorse, extends: true)
        #expect(job.rowCount == 140)
        #expect(job.isPromoted == true, "\(job.reason ?? "")")
        #expect(job.reason?.hasPrefix("not worse than version 1; ") == true)
        #expect(job.reason?.contains("new label \"new\": ") == true)
    }

    @Test("failing golden cases and a missing right to promote leave a candidate, and say so")
    func blocked() throws {
        try store.setGolden([Example(label: "grumpy", text: "sun 1 day 2")], of: "mood")
        let blocked = try train(rows(100), promotion: .always)
        #expect(blocked.isPromoted == false)
        #expect(
            blocked.reason
                == "1 of 1 golden cases fail: \"sun 1 day 2\" must be grumpy and is glad; "
                + "to make it live all the same: PUT /models/mood/live "
                + "{\"version\": 1, \"force\": true}"
        )
        let golden = try #require(try report(blocked)["golden"] as? [String: Any])
        #expect((golden["failures"] as? [Any])?.count == 1)
        try store.setGolden([], of: "mood")
        let notAllowed = try train(rows(100), promotion: .always, mayPromote: false)
        #expect(notAllowed.isPromoted == false)
        #expect(notAllowed.reason?.contains("may not promote") == true)
        #expect(try store.liveVersions().isEmpty)
    }

    @Test("golden cases that come while a job trains are heeded")
    func goldenMeanwhile() throws {
        let id = try submit(
            rows(100),
            promotion: .always,
            options: "{\"recipe\":\"article\",\"epochs\":300}"
        )
        let running = try Trainer.Running(["work", "--state", state, "--until-idle"])
        try running.wait { try store.job(id)?.progress != nil }
        try store.setGolden([Example(label: "never", text: "sun")], of: "mood")
        #expect(try store.job(id)?.state == .running)
        #expect(try running.end().status == 0)
        let job = try #require(try store.job(id))
        #expect(job.state == .succeeded && job.isPromoted == false)
        #expect(job.reason?.hasPrefix("1 of 1 golden cases fail") == true)
    }

    @Test(
        "a large job with a warm start goes on from weights that have not learnt the held-out rows",
        arguments: [
            (true, "from version 1"),
            (
                false,
                "not from version 1: it has learnt most of the rows that are held out; "
                    + "versions that are trained with warm_start keep them apart"
            ),
        ]
    )
    func warmStart(first: Bool, expected: String) throws {
        func run(_ examples: [Example], warmStart: Bool) throws -> String {
            let job = NewJob(
                model: "mood",
                options: Array("{\"recipe\":\"linear\",\"epochs\":2}".utf8),
                promotion: .ifNotWorse,
                examples: examples,
                mode: .extend,
                warmStart: warmStart
            )
            let id = try store.submit(job: job).job.id
            #expect(try Trainer.run(["work", "--state", state, "--until-idle"]).status == 0)
            return id
        }
        _ = try run(rows(2100), warmStart: first)
        let new = (0..<30).map { Example(label: "new", text: "snow \($0)") }
        let id = try run(new, warmStart: true)
        let network = try report(try #require(try store.job(id)))["network"] as? [String: Any]
        #expect(network?["warm_start"] as? String == expected)
        #expect(try store.job(id)?.reason?.contains("warm_start") == !first)
    }

    @Test("a warm start that could not be used is told in the reason")
    func coldStart() throws {
        for (examples, cause) in [
            (rows(20), "no version was live to begin with"),
            (rows(30), "with so few rows a label"),
        ] {
            let asked = NewJob(
                model: "mood",
                options: Array("{\"recipe\":\"linear\",\"epochs\":2}".utf8),
                promotion: .always,
                examples: examples,
                warmStart: true
            )
            let id = try store.submit(job: asked).job.id
            #expect(try Trainer.run(["work", "--state", state, "--until-idle"]).status == 0)
            let job = try #require(try store.job(id))
            #expect(job.reason?.contains("; warm_start was not used: \(cause)") == true)
            let decision = try report(job)["decision"] as? [String: Any]
            #expect(decision?["reason"] as? String == job.reason)
        }
    }
}
