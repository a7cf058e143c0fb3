import Examples
import Foundation
import Store
import TestStores
import Testing

/// What is left when a worker, or everything, stops without a word.
@Suite struct CrashTests {
    @Test("what was acknowledged is there after a crash, to the last row", arguments: Backend.all)
    func keepsAcknowledged(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let store = try place.open()
        func survives(_ what: String) throws {
            let after = try place.afterCrash()
            #expect(try after.contents() == place.contents(), "\(what)")
            // It is a store that goes on.
            #expect(try after.open().jobs(limit: 100) == store.jobs(limit: 100), "\(what)")
        }
        _ = try store.importFile("one")
        try survives("import")
        let key = IdempotencyKey(scope: "", key: "k", requestDigest: "d")
        let id = try store.submit(job: newJob(), idempotency: key).job.id
        try survives("submission")
        let claimed = try #require(try store.claim(worker: "w", lease: .seconds(30)))
        try survives("claim")
        _ = try store.publish(publication("two", over: 1), claim: claimed.claim)
        try survives("publication")
        let change = ExampleChange(model: "mood", added: [Example(label: "a", text: "new")])
        _ = try store.changeExamples(change)
        try survives("change")
        try store.setGolden(rows, of: "mood")
        try store.setLive(model: "mood", version: 1)
        try store.setPinned(true, model: "mood", version: 2)
        try survives("changes by hand")
        _ = try store.restoreExamples(.version(2), of: "mood")
        try survives("restoration")
        let after = try place.afterCrash().open()
        #expect(try after.submit(job: newJob(), idempotency: key).job.id == id)
        #expect(try after.liveVersions().map(\.version) == [1])
        try store.deleteModel("mood")
        try survives("deletion")
    }

    @Test(
        "a job whose worker crashes at any point is done by the next, with the same rows",
        arguments: Backend.all,
        ["claimed", "reported", "decided"]
    )
    func workerCrashes(_ backend: Backend, at point: String) throws {
        let place = try backend.makePlace()
        let store = try place.open()
        let id = try store.submit(job: newJob()).job.id
        var stale: (claim: Claim, examples: [Example])?
        do {
            let worker = try place.open()
            let claimed = try #require(try worker.claim(worker: "w", lease: .seconds(30)))
            if point != "claimed" {
                let progress = JobProgress(epoch: 1, epochs: 2)
                #expect(try worker.report(progress, claim: claimed.claim) == .continue)
            }
            if point == "decided" { _ = try worker.decisionGround(of: "mood") }
            stale = (claimed.claim, claimed.examples)
        }
        let lost = try #require(stale)
        #expect(try store.claim(worker: "next", lease: .seconds(30)) == nil)
        let released = try store.releaseJobs(ofWorker: "w", reason: "it crashed")
        #expect(released == [taken(id, .queued, lease: .seconds(30))])
        let claimed = try #require(try store.claim(worker: "next", lease: .seconds(30)))
        #expect(claimed.claim.attempt == 2 && claimed.examples == lost.examples)
        #expect(claimed.job.progress == nil)
        #expect(throws: StoreError.claimLost(job: id)) {
            try store.publish(publication("stale"), claim: lost.claim)
        }
        #expect(try store.publish(publication("x"), claim: claimed.claim).version == 1)
    }

    @Test(
        "after a crash of everything a running job waits for its lease, and is done then",
        arguments: Backend.all
    )
    func runningJobs(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let id = try place.open().submit(job: newJob()).job.id
        #expect(try place.open().claim(worker: "w", lease: .seconds(30)) != nil)
        let after = try place.afterCrash()
        let store = try after.open()
        #expect(try store.claim(worker: "next", lease: .seconds(30)) == nil)
        after.advance(by: .seconds(30))
        let claimed = try #require(try store.claim(worker: "next", lease: .seconds(30)))
        #expect(claimed.job.id == id && claimed.examples == rows && claimed.claim.attempt == 2)
    }
}
