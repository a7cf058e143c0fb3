import Examples
import Foundation
import PostgreSQLStore
import SQLStore
import Store
import Synchronization
import TestStores
import Testing

/// A store behind PgBouncer in transaction mode, with fewer sessions than handles.
@Suite struct PoolerTests {
    @Test("servers and workers behind a pooler do each job once, and hear of changes past it")
    func pooled() throws {
        let cluster = try PostgreSQLCluster.shared()
        let database = "b" + UUID().uuidString.filter { $0 != "-" }.lowercased()
        try cluster.run("CREATE DATABASE \(database)")
        let bouncer = try PgBouncer(of: cluster, sessions: 3)
        let address = PostgreSQLAddress(uri: bouncer.uri(database: database))
        let direct = PostgreSQLAddress(
            uri: "postgresql://elman@127.0.0.1:\(cluster.port)/\(database)"
        )
        @Sendable func open(listening: Bool = false) throws -> PostgreSQLStore {
            let store = PostgreSQLStore(
                address,
                listeningAt: listening ? direct : nil,
                timeouts: .patient
            )
            try store.prepare()
            return store
        }
        let follower = try open(listening: true)
        let wakes = Atomic<Int>(0)
        follower.announceChanges { wakes.add(1, ordering: .relaxed) }
        let deadline = ContinuousClock.now + .seconds(10)
        while wakes.load(ordering: .relaxed) == 0 && ContinuousClock.now < deadline { usleep(1000) }

        let jobs = 24
        let outcomes = atOnce(
            (0..<4).map { number in
                { () throws -> [String] in
                    let store = try open()
                    if number == 0 {
                        for job in 0..<jobs { _ = try store.submit(job: newJob("m\(job % 5)")) }
                    }
                    var done: [String] = []
                    let end = ContinuousClock.now + .seconds(60)
                    while try store.jobCounts()[.succeeded] != jobs, ContinuousClock.now < end {
                        guard
                            let claimed = try store.claim(worker: "w\(number)", lease: .seconds(60))
                        else { continue }
                        let result = publication(claimed.job.id, over: claimed.live?.version)
                        _ = try store.publish(result, claim: claimed.claim)
                        done.append(claimed.job.id)
                    }
                    return done
                }
            }
        )
        let done = try outcomes.flatMap { try $0.get() }
        #expect(done.count == jobs && Set(done).count == jobs)
        #expect(wakes.load(ordering: .relaxed) > 5)
        // Many rows in one transaction, and out again in pages.
        let rows = (0..<3000).map { Example(label: "l\($0 % 3)", text: "row \($0)") }
        _ = try follower.changeExamples(ExampleChange(model: "rows", added: rows))
        let export = try #require(try follower.export(of: "rows"))
        var (count, last) = (0, 0)
        while let page = try? follower.rows(of: export, limit: 700, after: last), !page.isEmpty {
            count += page.count
            last = page.last?.id ?? 0
        }
        #expect(count == rows.count)
    }
}
