import Examples
import Store
import TestStores
import Testing

/// A job's rows, which wait beside the data set until the job succeeds.
@Suite struct PostedRowsTests {
    @Test(
        "a row knows that its text is the start of a longer one, through every change",
        arguments: Backend.all
    )
    func truncated(_ backend: Backend) throws {
        let setup = try Setup(backend)
        let long = Example(label: "a", text: "the start", isTruncated: true)
        var job = newJob()
        job.examples = [long, Example(label: "b", text: "whole")]
        job.mode = .extend
        _ = try setup.store.submit(job: job)
        let claimed = try setup.claim()
        #expect(claimed.examples.filter(\.isTruncated) == [long])
        _ = try setup.publish(claimed)
        func truncated() throws -> [Example] {
            let page = try #require(try setup.store.examples(of: "mood", limit: 100))
            return page.rows.map(\.example).filter(\.isTruncated)
        }
        #expect(try truncated() == [long])
        let other = Example(label: "b", text: "another start", isTruncated: true)
        _ = try setup.store.changeExamples(ExampleChange(model: "mood", added: [other]))
        #expect(try truncated() == [long, other])
    }

    @Test(
        "a job that waits, runs, fails or is cancelled leaves rows and revision as they were",
        arguments: Backend.all
    )
    func leavesRows(_ backend: Backend) throws {
        let setup = try Setup(backend)
        try setup.correct("c: 3")
        let before = try setup.store.examples(of: "mood", limit: 9)
        for mode in DataSetMode.allCases {
            let waiting = try setup.submit(["x: 1", "y: 9"], mode)
            #expect(try setup.store.examples(of: "mood", limit: 9) == before)
            _ = try setup.store.requestCancel(waiting.id)
            #expect(try setup.store.examples(of: "mood", limit: 9) == before)
            _ = try setup.submit(["x: 1", "y: 9"], mode)
            let failing = try setup.claim()
            #expect(try setup.store.examples(of: "mood", limit: 9) == before)
            try setup.store.fail(claim: failing.claim, code: "x", detail: "x")
            #expect(try setup.store.examples(of: "mood", limit: 9) == before)
            let stopped = try setup.submit(["x: 1", "y: 9"], mode)
            let claimed = try setup.claim()
            _ = try setup.store.requestCancel(stopped.id)
            #expect(throws: StoreError.cancelled(job: stopped.id)) { try setup.publish(claimed) }
            #expect(try setup.store.examples(of: "mood", limit: 9) == before)
        }
        #expect(try setup.place.storedTexts() == ["1", "2", "3"])
    }

    @Test("the rows of a job survive restarts and lost workers", arguments: Backend.all)
    func survives(_ backend: Backend) throws {
        let setup = try Setup(backend)
        let id = try setup.submit(["c: 3"], .extend).id
        for _ in 1...2 {
            let claimed = try setup.claim()
            #expect(claimed.examples == setup.examples(["a: 1", "b: 2", "c: 3"]))
            try setup.store.releaseJobs(ofWorker: "w", reason: "killed")
        }
        let other = try setup.place.open()
        #expect(try other.examples(ofJob: id) == setup.examples(["a: 1", "b: 2", "c: 3"]))
        _ = try setup.publish(try setup.claim())
        #expect(try setup.rows == ["a: 1", "b: 2", "c: 3"])
    }

    @Test(
        "a candidate's rows join the data set like those of a version that goes live",
        arguments: Backend.all
    )
    func candidates(_ backend: Backend) throws {
        let setup = try Setup(backend)
        try setup.submit(["c: 3"], .extend)
        let claimed = try setup.claim()
        let result = publication("x", isPromoted: false, over: claimed.live?.version)
        _ = try setup.store.publish(result, claim: claimed.claim)
        #expect(try setup.rows == ["a: 1", "b: 2", "c: 3"])
    }

    @Test(
        "what came after a job that replaces was posted stays, and is learnt if it can be",
        arguments: Backend.all
    )
    func replacesWhatWasThere(_ backend: Backend) throws {
        let setup = try Setup(backend)
        try setup.submit(["a: 1", "x: 8"], .replace)
        try setup.correct("c: before claim", "b: 2")
        let claimed = try setup.claim()
        #expect(
            claimed.examples == setup.examples(["a: 1", "c: before claim", "b: 2", "x: 8"])
        )
        try setup.correct("d: after claim")
        #expect(
            try setup.learnt(try setup.publish(claimed)) == [
                "a: 1", "c: before claim", "b: 2", "x: 8",
            ]
        )
        #expect(try setup.rows == ["a: 1", "c: before claim", "b: 2", "d: after claim", "x: 8"])
    }

    @Test(
        "a later label or removal of a text counts over a job's row, before and after the claim",
        arguments: Backend.all
    )
    func laterChangesCount(_ backend: Backend) throws {
        let setup = try Setup(backend)
        let texts = ["1", "2", "new", "gone", "late", "late gone"]
        for mode in DataSetMode.allCases {
            try setup.submit(texts.map { "job: \($0)" } + ["z: other"], mode)
            try setup.correct("c: 1", "c: new")
            #expect(try setup.remove("gone") == 1)
            let claimed = try setup.claim()
            try setup.correct("c: 2", "c: late")
            #expect(try setup.remove("late gone") == 1)
            let version = try setup.publish(claimed)
            #expect(
                Set(try setup.rows)
                    == ["c: 1", "c: new", "c: 2", "c: late", "z: other"]
            )
            let learnt: Set = [
                "c: 1", "c: new", "job: 2", "job: late", "job: late gone", "z: other",
            ]
            #expect(Set(try setup.learnt(version)) == learnt)
            #expect(Set(claimed.examples) == Set(setup.examples(Array(learnt))))
            _ = try setup.remove("1", "2", "new", "late", "other")
            try setup.correct("a: 1", "b: 2", source: .imported)
        }
    }

    @Test(
        "a correction that says what is there already outlives a job that replaces it",
        arguments: Backend.all
    )
    func confirmations(_ backend: Backend) throws {
        let setup = try Setup(backend)
        for isClaimed in [false, true] {
            for mode in DataSetMode.allCases {
                try setup.submit(["job: 1", "z: 9"], mode)
                let early = isClaimed ? try setup.claim() : nil
                try setup.correct("a: 1", "b: 2")
                let claimed = try early ?? setup.claim()
                let version = try setup.publish(claimed)
                #expect(Set(try setup.rows) == ["a: 1", "b: 2", "z: 9"], "\(isClaimed) \(mode)")
                #expect(
                    Set(try setup.learnt(version))
                        == Set(
                            claimed.examples.map {
                                "\($0.label): \($0.text)"
                            }
                        )
                )
                _ = try setup.remove("9")
            }
        }
    }

    @Test(
        "jobs follow each other: the later one replaces what the earlier one brought",
        arguments: Backend.all
    )
    func laterJobs(_ backend: Backend) throws {
        let setup = try Setup(backend)
        try setup.submit(["c: 3", "d: 4"], .extend)
        try setup.correct("e: 5")
        try setup.submit(["f: 6", "g: 7"], .replace)
        try setup.submit(["h: 8"], .extend)
        for expected in [
            ["a: 1", "b: 2", "e: 5", "c: 3", "d: 4"], ["f: 6", "g: 7"], ["f: 6", "g: 7", "h: 8"],
        ] {
            _ = try setup.publish(try setup.claim())
            #expect(try setup.rows == expected)
        }
    }

    @Test("a revision's number says that the rows are others", arguments: Backend.all)
    func revisions(_ backend: Backend) throws {
        let setup = try Setup(backend)
        var seen: Set<Int> = []
        func isNew() throws -> Bool {
            seen.insert(try #require(try setup.store.examples(of: "mood", limit: 1)).revision)
                .inserted
        }
        #expect(try isNew())
        try setup.submit(["c: 3"], .extend)
        #expect(try !isNew())
        let claimed = try setup.claim()
        try setup.correct("d: 4")
        #expect(try isNew())
        _ = try setup.publish(claimed)
        #expect(try isNew())
        try setup.submit(["c: 3"], .extend)
        _ = try setup.publish(try setup.claim())
        #expect(try !isNew())
    }

    @Test("each row knows its source, who brought it, and when", arguments: Backend.all)
    func provenance(_ backend: Backend) throws {
        let setup = try Setup(backend)
        try setup.submit(["c: 3"], .extend)
        try setup.correct("d: 4")
        try setup.correct("e: 5", source: .imported)
        try finishJob(on: setup.store)
        let found = try #require(try setup.store.examples(of: "mood", limit: 9)).rows
        #expect(found.map(\.source) == [.train, .train, .feedback, .imported, .train])
        #expect(found.map(\.actor) == ["trainee", "trainee", "corrector", "corrector", "trainee"])
        #expect(found.allSatisfy { $0.addedAt > 1_600_000_000_000 })
        for source in ExampleSource.allCases {
            let page = try setup.store.examples(of: "mood", source: source, limit: 9)
            #expect(page?.rows == found.filter { $0.source == source } && page?.rowCount == 5)
        }
        // An unchanged row stays what it is when a file that has it is posted.
        try setup.submit(["d: 4", "e: 5", "f: 6"], .replace)
        try finishJob(on: setup.store)
        let kept = try #require(try setup.store.examples(of: "mood", limit: 9)).rows
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
        arguments: Backend.all,
        0..<40
    )
    func orderOfAcknowledgement(_ backend: Backend, seed: UInt64) throws {
        let setup = try Setup(backend)
        var random = SomeNumbers(state: seed)
        /// Everything acknowledged, in order; a job that fails is taken out.
        var done: [(job: String?, act: @Sendable (inout Immediate) -> Void)] = []
        var running: ClaimedJob?
        let start = setup.examples(["a: 1", "b: 2"])
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
                guard let id = try? setup.store.submit(job: job).job.id else { continue }
                done.append((id, { mode == .extend ? $0.extend(rows) : $0.replace(rows) }))
            case 2:
                if running == nil {
                    running = try setup.store.claim(worker: "w", lease: .seconds(9))
                }
            case 3:
                guard let claimed = running else { continue }
                running = nil
                let fate = random.next() % 4
                if fate == 0 {
                    try setup.store.fail(claim: claimed.claim, code: "x", detail: "x")
                    done.removeAll { $0.job == claimed.job.id }
                } else if fate == 1 {
                    try setup.store.releaseJobs(ofWorker: "w", reason: "r", countsAsTry: false)
                } else {
                    let live = try setup.store.decisionGround(of: "mood").live?.version
                    let version = try setup.store.publish(
                        publication(claimed.job.id, over: live),
                        claim: claimed.claim
                    ).version
                    #expect(try setup.store.examples(of: "mood", version) == claimed.examples)
                }
            case 4:
                let text = "\(random.next() % 6)"
                _ = try setup.remove(text)
                done.append((nil, { $0.rows[text] = nil }))
            default:
                let change = ExampleChange(model: "mood", added: rows, source: .feedback)
                _ = try setup.store.changeExamples(change)
                done.append((nil, { $0.extend(rows) }))
            }
        }
        if let running {
            let live = try setup.store.decisionGround(of: "mood").live?.version
            _ = try setup.store.publish(publication("last", over: live), claim: running.claim)
        }
        while try setup.store.jobCounts()[.queued] != nil {
            _ = try setup.publish(try setup.claim())
        }
        var expected = Immediate()
        for step in done { step.act(&expected) }
        #expect(Set(try setup.rows) == Set(expected.rows.map { "\($0.value): \($0.key)" }))
        #expect(try setup.rows.count == expected.rows.count)
    }
}

/// A store with a data set of two rows, and what these tests do with it.
private struct Setup {
    let place: any StorePlace
    let store: any Store

    init(_ backend: Backend) throws {
        place = try backend.makePlace()
        store = try place.open()
        _ = try submit(["a: 1", "b: 2"])
        try finishJob(on: store)
    }

    func examples(_ rows: [String]) -> [Example] {
        rows.map { row in
            let parts = row.split(separator: ": ", maxSplits: 1)
            return Example(label: String(parts[0]), text: String(parts[1]))
        }
    }

    @discardableResult
    func submit(_ rows: [String], _ mode: DataSetMode? = nil) throws -> Job {
        var job = newJob()
        job.examples = examples(rows)
        job.mode = mode
        job.actor = "trainee"
        return try store.submit(job: job).job
    }

    func correct(_ rows: String..., source: ExampleSource = .feedback) throws {
        let change = ExampleChange(
            model: "mood",
            added: examples(rows),
            source: source,
            actor: "corrector"
        )
        _ = try store.changeExamples(change)
    }

    func remove(_ texts: String...) throws -> Int {
        let change = ExampleChange(model: "mood", removedTexts: texts)
        return try store.changeExamples(change).change.removed
    }

    func claim() throws -> ClaimedJob {
        try #require(try store.claim(worker: "w", lease: .seconds(30)))
    }

    func publish(_ claimed: ClaimedJob) throws -> Int {
        let result = publication("\(claimed.job.id)", over: claimed.live?.version)
        return try store.publish(result, claim: claimed.claim).version
    }

    var rows: [String] {
        get throws {
            let page = try store.examples(of: "mood", limit: 1000)
            return page?.rows.map { "\($0.example.label): \($0.example.text)" } ?? []
        }
    }

    func learnt(_ version: Int) throws -> [String] {
        try store.examples(of: "mood", version).map { "\($0.label): \($0.text)" }
    }
}
