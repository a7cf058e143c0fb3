import Examples
import SQLiteStore
import Store
import TestStores
import Testing

/// A job's rows, which wait beside the data set until the job succeeds.
@Suite struct PostedRowsTests {
    private let temporary = TemporaryStore()
    private let store: SQLiteStore

    init() throws {
        store = try temporary.open()
        _ = try submit(["a: 1", "b: 2"])
        try finishJob(on: store)
    }

    private func examples(_ rows: [String]) -> [Example] {
        rows.map { row in
            let parts = row.split(separator: ": ", maxSplits: 1)
            return Example(label: String(parts[0]), text: String(parts[1]))
        }
    }

    @discardableResult
    private func submit(_ rows: [String], _ mode: DataSetMode? = nil) throws -> Job {
        var job = newJob()
        job.examples = examples(rows)
        job.mode = mode
        job.actor = "trainee"
        return try store.submit(job: job).job
    }

    private func correct(_ rows: String..., source: ExampleSource = .feedback) throws {
        let change = ExampleChange(
            model: "mood",
            added: examples(rows),
            source: source,
            actor: "corrector"
        )
        _ = try store.changeExamples(change)
    }

    private func remove(_ texts: String...) throws -> Int {
        let change = ExampleChange(model: "mood", removedTexts: texts)
        return try store.changeExamples(change).change.removed
    }

    private func claim() throws -> ClaimedJob {
        try #require(try store.claim(worker: "w", lease: .seconds(30)))
    }

    private func publish(_ claimed: ClaimedJob) throws -> Int {
        let result = publication("\(claimed.job.id)", over: claimed.live?.version)
        return try store.publish(result, claim: claimed.claim).version
    }

    @Test("a row knows that its text is the start of a longer one, through every change")
    func truncated() throws {
        let long = Example(label: "a", text: "the start", isTruncated: true)
        var job = newJob()
        job.examples = [long, Example(label: "b", text: "whole")]
        job.mode = .extend
        _ = try store.submit(job: job)
        let claimed = try claim()
        #expect(claimed.examples.filter(\.isTruncated) == [long])
        _ = try publish(claimed)
        func truncated() throws -> [Example] {
            let page = try #require(try store.examples(of: "mood", limit: 100))
            return page.rows.map(\.example).filter(\.isTruncated)
        }
        #expect(try truncated() == [long])
        let other = Example(label: "b", text: "another start", isTruncated: true)
        _ = try store.changeExamples(ExampleChange(model: "mood", added: [other]))
        #expect(try truncated() == [long, other])
    }

    private var rows: [String] {
        get throws {
            let page = try store.examples(of: "mood", limit: 1000)
            return page?.rows.map { "\($0.example.label): \($0.example.text)" } ?? []
        }
    }

    private func learnt(_ version: Int) throws -> [String] {
        try store.examples(of: "mood", version).map { "\($0.label): \($0.text)" }
    }

    @Test("a job that waits, runs, fails or is cancelled leaves rows and revision as they were")
    func leavesRows() throws {
        try correct("c: 3")
        let before = try store.examples(of: "mood", limit: 9)
        for mode in DataSetMode.allCases {
            let waiting = try submit(["x: 1", "y: 9"], mode)
            #expect(try store.examples(of: "mood", limit: 9) == before)
            _ = try store.requestCancel(waiting.id)
            #expect(try store.examples(of: "mood", limit: 9) == before)
            _ = try submit(["x: 1", "y: 9"], mode)
            let failing = try claim()
            #expect(try store.examples(of: "mood", limit: 9) == before)
            try store.fail(claim: failing.claim, code: "x", detail: "x")
            #expect(try store.examples(of: "mood", limit: 9) == before)
            let stopped = try submit(["x: 1", "y: 9"], mode)
            let claimed = try claim()
            _ = try store.requestCancel(stopped.id)
            #expect(throws: StoreError.cancelled(job: stopped.id)) { try publish(claimed) }
            #expect(try store.examples(of: "mood", limit: 9) == before)
        }
        let left = try store.read { connection throws(StoreError) in
            try connection.row("SELECT count(*) AS count FROM posted_rows") { $0.int("count") }
        }
        #expect(left == 0)
    }

    @Test("the rows of a job survive restarts and lost workers")
    func survives() throws {
        let id = try submit(["c: 3"], .extend).id
        for _ in 1...2 {
            let claimed = try claim()
            #expect(claimed.examples == examples(["a: 1", "b: 2", "c: 3"]))
            try store.releaseJobs(ofWorker: "w", reason: "killed")
        }
        let other = try temporary.open()
        #expect(try other.examples(ofJob: id) == examples(["a: 1", "b: 2", "c: 3"]))
        _ = try publish(try claim())
        #expect(try rows == ["a: 1", "b: 2", "c: 3"])
    }

    @Test("a candidate's rows join the data set like those of a version that goes live")
    func candidates() throws {
        try submit(["c: 3"], .extend)
        let claimed = try claim()
        let result = publication("x", isPromoted: false, over: claimed.live?.version)
        _ = try store.publish(result, claim: claimed.claim)
        #expect(try rows == ["a: 1", "b: 2", "c: 3"])
    }

    @Test("what came after a job that replaces was posted stays, and is learnt if it can be")
    func replacesWhatWasThere() throws {
        try submit(["a: 1", "x: 8"], .replace)
        try correct("c: before claim", "b: 2")
        let claimed = try claim()
        #expect(
            claimed.examples == examples(["a: 1", "c: before claim", "b: 2", "x: 8"])
        )
        try correct("d: after claim")
        #expect(try learnt(try publish(claimed)) == ["a: 1", "c: before claim", "b: 2", "x: 8"])
        #expect(try rows == ["a: 1", "c: before claim", "b: 2", "d: after claim", "x: 8"])
    }

    @Test(
        "a later label or removal of a text counts over the row of a job, before and after the claim"
    )
    func laterChangesCount() throws {
        let texts = ["1", "2", "new", "gone", "late", "late gone"]
        for mode in DataSetMode.allCases {
            try submit(texts.map { "job: \($0)" } + ["z: other"], mode)
            try correct("c: 1", "c: new")
            #expect(try remove("gone") == 1)
            let claimed = try claim()
            try correct("c: 2", "c: late")
            #expect(try remove("late gone") == 1)
            let version = try publish(claimed)
            #expect(
                Set(try rows)
                    == ["c: 1", "c: new", "c: 2", "c: late", "z: other"]
            )
            let learnt: Set = [
                "c: 1", "c: new", "job: 2", "job: late", "job: late gone", "z: other",
            ]
            #expect(Set(try self.learnt(version)) == learnt)
            #expect(Set(claimed.examples) == Set(examples(Array(learnt))))
            _ = try remove("1", "2", "new", "late", "other")
            try correct("a: 1", "b: 2", source: .imported)
        }
    }

    @Test("a correction that says what is there already outlives a job that replaces it")
    func confirmations() throws {
        for isClaimed in [false, true] {
            for mode in DataSetMode.allCases {
                try submit(["job: 1", "z: 9"], mode)
                let early = isClaimed ? try claim() : nil
                try correct("a: 1", "b: 2")
                let claimed = try early ?? claim()
                let version = try publish(claimed)
                #expect(Set(try rows) == ["a: 1", "b: 2", "z: 9"], "\(isClaimed) \(mode)")
                #expect(
                    Set(try learnt(version))
                        == Set(
                            claimed.examples.map {
                                "\($0.label): \($0.text)"
                            }
                        )
                )
                _ = try remove("9")
            }
        }
    }

    @Test("jobs follow each other: the later one replaces what the earlier one brought")
    func laterJobs() throws {
        try submit(["c: 3", "d: 4"], .extend)
        try correct("e: 5")
        try submit(["f: 6", "g: 7"], .replace)
        try submit(["h: 8"], .extend)
        for expected in [
            ["a: 1", "b: 2", "e: 5", "c: 3", "d: 4"], ["f: 6", "g: 7"], ["f: 6", "g: 7", "h: 8"],
        ] {
            _ = try publish(try claim())
            #expect(try rows == expected)
        }
    }

    @Test("a revision's number says that the rows are others")
    func revisions() throws {
        var seen: Set<Int> = []
        func isNew() throws -> Bool {
            seen.insert(try #require(try store.examples(of: "mood", limit: 1)).revision).inserted
        }
        #expect(try isNew())
        try submit(["c: 3"], .extend)
        #expect(try !isNew())
        let claimed = try claim()
        try correct("d: 4")
        #expect(try isNew())
        _ = try publish(claimed)
        #expect(try isNew())
        try submit(["c: 3"], .extend)
        _ = try publish(try claim())
        #expect(try !isNew())
    }

    @Test("each row knows its source, who brought it, and when")
    func provenance() throws {
        try submit(["c: 3"], .extend)
        try correct("d: 4")
        try correct("e: 5", source: .imported)
        try finishJob(on: store)
        let found = try #require(try store.examples(of: "mood", limit: 9)).rows
        #expect(found.map(\.source) == [.train, .train, .feedback, .imported, .train])
        #expect(found.map(\.actor) == ["trainee", "trainee", "corrector", "corrector", "trainee"])
        #expect(found.allSatisfy { $0.addedAt > 1_600_000_000_000 })
        for source in ExampleSource.allCases {
            let page = try store.examples(of: "mood", source: source, limit: 9)
            #expect(page?.rows == found.filter { $0.source == source } && page?.rowCount == 5)
        }
        // An unchanged row stays what it is when a file that has it is posted.
        try submit(["d: 4", "e: 5", "f: 6"], .replace)
        try finishJob(on: store)
        let kept = try #require(try store.examples(of: "mood", limit: 9)).rows
        #expect(kept.prefix(2) == [found[2], found[3]])
    }

    /// The same numbers for the same seed (Knuth's linear congruential generator).
    private struct SomeNumbers {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 33
        }
    }

    /// Does the same without jobs: what is acknowledged is done at once.
    private struct Immediate {
        var rows: [String: String] = [:]

        mutating func replace(_ new: [Example]) {
            rows = [:]
            extend(new)
        }
        mutating func extend(_ new: [Example]) { for row in new { rows[row.text] = row.label } }
    }

    @Test(
        "whatever happens meanwhile, the end is as if each job had been done when it was posted",
        arguments: 0..<40
    )
    func orderOfAcknowledgement(seed: UInt64) throws {
        var random = SomeNumbers(state: seed)
        /// Everything acknowledged, in order; a job that fails is taken out.
        var done: [(job: String?, act: @Sendable (inout Immediate) -> Void)] = []
        var running: ClaimedJob?
        let start = examples(["a: 1", "b: 2"])
        done.append((nil, { $0.replace(start) }))
        for _ in 0..<60 {
            let some = (0..<3).map { _ in
                Example(label: "l\(random.next() % 3)", text: "\(random.next() % 6)")
            }
            // Each text once: a replacing job keeps contradictions, which a label each cannot tell.
            let rows = Array(Dictionary(some.map { ($0.text, $0) }) { $1 }.values)
            switch random.next() % 7 {
            case 0, 1:
                let mode: DataSetMode = random.next() % 2 == 0 ? .extend : .replace
                var job = newJob()
                job.examples = rows
                job.mode = mode
                guard let id = try? store.submit(job: job).job.id else { continue }
                done.append((id, { mode == .extend ? $0.extend(rows) : $0.replace(rows) }))
            case 2:
                if running == nil { running = try store.claim(worker: "w", lease: .seconds(9)) }
            case 3:
                guard let claimed = running else { continue }
                running = nil
                let fate = random.next() % 4
                if fate == 0 {
                    try store.fail(claim: claimed.claim, code: "x", detail: "x")
                    done.removeAll { $0.job == claimed.job.id }
                } else if fate == 1 {
                    try store.releaseJobs(ofWorker: "w", reason: "r", countsAsTry: false)
                } else {
                    let live = try store.decisionGround(of: "mood").live?.version
                    let version = try store.publish(
                        publication(claimed.job.id, over: live),
                        claim: claimed.claim
                    ).version
                    #expect(try store.examples(of: "mood", version) == claimed.examples)
                }
            case 4:
                let text = "\(random.next() % 6)"
                _ = try remove(text)
                done.append((nil, { $0.rows[text] = nil }))
            default:
                let change = ExampleChange(model: "mood", added: rows, source: .feedback)
                _ = try store.changeExamples(change)
                done.append((nil, { $0.extend(rows) }))
            }
        }
        if let running {
            let live = try store.decisionGround(of: "mood").live?.version
            _ = try store.publish(publication("last", over: live), claim: running.claim)
        }
        while try store.jobCounts()[.queued] != nil { _ = try publish(try claim()) }
        var expected = Immediate()
        for step in done { step.act(&expected) }
        #expect(Set(try rows) == Set(expected.rows.map { "\($0.value): \($0.key)" }))
        #expect(try rows.count == expected.rows.count)
    }
}
