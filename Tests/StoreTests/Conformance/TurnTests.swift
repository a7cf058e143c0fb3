import Foundation
import Store
import Synchronization
import TestStores
import Testing

/// Whose job is next: models take turns, and each has one running job.
@Suite struct TurnTests {
    /// Claims a job, ends it and returns its model.
    private func next(_ store: any Store) throws -> String {
        let claimed = try #require(try store.claim(worker: "w", lease: .seconds(1)))
        try store.fail(claim: claimed.claim, code: "x", detail: "x")
        return claimed.job.model
    }

    @Test(
        "many jobs of one model wait for those of others, whatever the order of the posts",
        arguments: Backend.all,
        [
            ("aaabbc", "abcaba"), ("caaabb", "cababa"), ("abcabc", "abcabc"), ("aaaa", "aaaa"),
            ("aaaaaaaab", "abaaaaaaa"),
        ]
    )
    func takesTurns(_ backend: Backend, _ jobs: (posted: String, done: String)) throws {
        let store = try backend.makePlace().open()
        for model in jobs.posted { _ = try store.submit(job: newJob(String(model))) }
        #expect(try jobs.posted.map { _ in try next(store) }.joined() == jobs.done)
        #expect(try store.claim(worker: "w", lease: .seconds(1)) == nil)
    }

    @Test("a model that comes later gets the next turn but one", arguments: Backend.all)
    func newcomers(_ backend: Backend) throws {
        let store = try backend.makePlace().open()
        for model in ["a", "a", "a", "b", "b"] { _ = try store.submit(job: newJob(model)) }
        #expect(try next(store) == "a")
        _ = try store.submit(job: newJob("new"))
        // b has waited longer.
        #expect(try (0..<5).map { _ in try next(store) } == ["b", "new", "a", "b", "a"])
    }

    @Test("models that come one after the other keep none waiting", arguments: Backend.all)
    func crowd(_ backend: Backend) throws {
        let store = try backend.makePlace().open()
        for model in ["a", "a"] { _ = try store.submit(job: newJob(model)) }
        var done: [String] = []
        for number in 0..<6 {
            _ = try store.submit(job: newJob("new-\(number)"))
            _ = try store.submit(job: newJob("further-\(number)"))
            done.append(try next(store))
        }
        #expect(done == ["a", "new-0", "further-0", "new-1", "further-1", "a"])
    }

    @Test("a job that went back to the queue has had its turn", arguments: Backend.all)
    func released(_ backend: Backend) throws {
        let store = try backend.makePlace().open()
        for model in ["a", "b"] { _ = try store.submit(job: newJob(model)) }
        #expect(try store.claim(worker: "w", lease: .seconds(1))?.job.model == "a")
        try store.releaseJobs(ofWorker: "w", reason: "it crashed")
        #expect(try (0..<2).map { _ in try next(store) } == ["b", "a"])
    }

    @Test("what waits and runs is told, with the worker and its heartbeat", arguments: Backend.all)
    func unfinished(_ backend: Backend) throws {
        let store = try backend.makePlace().open()
        let ids = try ["a", "b", "c"].map { try store.submit(job: newJob($0)).job.id }
        let claim = try #require(try store.claim(worker: "w", lease: .seconds(7))).claim
        _ = try store.requestCancel(ids[2])
        let before = try store.unfinishedJobs()
        #expect(before.map(\.id) == [ids[0], ids[1]] && before.map(\.model) == ["a", "b"])
        #expect(before[0].run?.worker == "w" && before[0].run?.attempt == 1)
        #expect(before[0].run?.lease == .seconds(7) && before[1].run == nil)
        #expect(try before[0].createdAt == store.job(ids[0])?.createdAt)
        _ = try store.report(JobProgress(epoch: 1, epochs: 2), claim: claim)
        #expect(try store.unfinishedJobs()[0].run?.heartbeat != before[0].run?.heartbeat)
        #expect(try store.unfinishedJobs().allSatisfy { !$0.isCancelRequested })
        _ = try store.requestCancel(ids[0])
        #expect(try store.unfinishedJobs()[0].isCancelRequested)
    }

    @Test("the bytes of the store grow with what it keeps", arguments: Backend.all)
    func bytes(_ backend: Backend) throws {
        let store = try backend.makePlace().open()
        _ = try store.changeMark()
        let before = store.byteCount
        #expect(before > 0)
        let text = String(repeating: "x", count: 1 << 20)
        _ = try store.importCheckpoint(
            ImportedCheckpoint(
                bytes: Array(text.utf8),
                digest: "d",
                origin: .file,
                metrics: Array("{}".utf8)
            ),
            of: "a"
        )
        let deadline = ContinuousClock.now + .seconds(10)
        while store.byteCount <= before + 1 << 20 && ContinuousClock.now < deadline {
            _ = try store.changeMark()
        }
        #expect(store.byteCount > before + 1 << 20)
    }

    @Test("of many workers no two have jobs of one model at once", arguments: Backend.all)
    func oneOfModel(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let store = try place.open()
        let posted = try (0..<36).map { try store.submit(job: newJob("m\($0 % 3)")).job.id }
        let running = Mutex<Set<String>>([])
        let outcomes = atOnce(
            (0..<5).map { worker in
                { () throws -> [String] in
                    let store = try place.open()
                    var done: [String] = []
                    // Others' jobs keep a model from this one; then it looks again.
                    while try !store.unfinishedJobs().isEmpty {
                        guard let job = try store.claim(worker: "w\(worker)", lease: .seconds(60))
                        else {
                            usleep(500)
                            continue
                        }
                        let isAlone = running.withLock { $0.insert(job.job.model).inserted }
                        #expect(isAlone)
                        _ = try store.report(JobProgress(epoch: 1, epochs: 2), claim: job.claim)
                        running.withLock { _ = $0.remove(job.job.model) }
                        try store.fail(claim: job.claim, code: "x", detail: "x")
                        done.append(job.job.id)
                    }
                    return done
                }
            }
        )
        #expect(try outcomes.flatMap { try $0.get() }.sorted() == posted.sorted())
    }
}
