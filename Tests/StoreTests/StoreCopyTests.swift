import Digest
import Examples
import Foundation
import PostgreSQLStore
import SQLStore
import SQLiteStore
import Store
import TestStores
import Testing

@Suite struct StoreCopyTests {
    private func job(_ name: String, _ mode: DataSetMode) -> NewJob {
        var job = newJob()
        job.examples = ["a", "b"].map { Example(label: $0, text: "\($0) of \(name) \0ü") }
        job.mode = mode
        job.actor = name
        return job
    }

    /// Brings everything to a store that a store can keep.
    private func fill(_ store: any Store) throws {
        _ = try store.importCheckpoint(
            ImportedCheckpoint(
                bytes: Array("file".utf8),
                digest: SHA256.hexadecimal(of: Array("file".utf8)),
                origin: .file,
                metrics: Array("{}".utf8)
            ),
            of: "other"
        )
        for name in ["1", "2"] {
            _ = try store.submit(job: job(name, .extend))
            let claimed = try #require(try store.claim(worker: "w", lease: .seconds(30)))
            _ = try store.report(JobProgress(epoch: 1, epochs: 2, loss: 0.1), claim: claimed.claim)
            var result = publication(name, over: claimed.live?.version)
            result.digest = SHA256.hexadecimal(of: result.checkpoint)
            result.report = [UInt8](repeating: 1, count: 100_000)
            result.heldOut = [
                HeldOutAnswer(text: "t", truth: "a", label: "b", score: 0.1, truthScore: 0.3)
            ]
            _ = try store.publish(result, claim: claimed.claim)
        }
        try store.remember([prediction("p1"), prediction("p2")], atMost: 1)
        try store.setGolden([Example(label: "a", text: "golden")], of: "mood")
        try store.setPinned(true, model: "mood", version: 1)
        try store.setShadow(1, of: "mood", share: 0.25, actor: "someone")
        var counts = ShadowCounts(model: "mood", version: 1, liveVersion: 2)
        (counts.texts, counts.agreed, counts.dropped) = (3, 1, 1)
        counts.pairs = [
            ShadowPair(live: "ü", shadow: nil, texts: 1),
            ShadowPair(live: "a", shadow: "b", texts: 1),
        ]
        try store.add(counts)
        let many = (0..<2500).map { Example(label: "l\($0 % 7)", text: "row \($0)") }
        let key = IdempotencyKey(scope: "s", key: "k", requestDigest: "d")
        let change = ExampleChange(model: "rows", added: many, source: .feedback, actor: "someone")
        _ = try store.changeExamples(change, idempotency: key)
        // The last numbers were given to rows that are gone.
        let gone = ExampleChange(model: "rows", removedTexts: many.suffix(3).map(\.text))
        _ = try store.changeExamples(gone)
        _ = try store.submit(job: job("3", .replace), idempotency: jobKey("job"))
        _ = try store.claim(worker: "w", lease: .seconds(30))
        _ = try store.submit(job: job("4", .extend))
        let failed = try store.submit(job: newJob("failing")).job
        _ = try store.requestCancel(failed.id)
    }

    private func jobKey(_ name: String) -> IdempotencyKey {
        IdempotencyKey(scope: "s", key: name, requestDigest: "d")
    }

    @Test("a store that went to another backend and back is the same, to the last number")
    func thereAndBack() throws {
        let (first, second, third) = (SQLitePlace(), try PostgreSQLPlace(), SQLitePlace())
        // A place takes its store with it when it goes.
        defer { withExtendedLifetime((first, second, third)) {} }
        let source = try first.openDatabase()
        try fill(source)
        let middle = second.makeStore()
        try middle.prepare()
        let copied = try StoreCopy.copy(from: source, to: middle)
        #expect(copied.checkpoints == 3 && copied.rows > 2500)
        let target = try third.openDatabase()
        #expect(try StoreCopy.copy(from: middle, to: target) == copied)
        let (before, after) = (try first.contents(), try third.contents())
        #expect(before == after)
        // Both go on in the same way, with the same numbers.
        for store in [source, middle, target] as [any Store] {
            let change = ExampleChange(model: "rows", added: [Example(label: "x", text: "next")])
            _ = try store.changeExamples(change)
            #expect(try store.submit(job: newJob(), idempotency: jobKey("job")).isReplay)
            try store.releaseJobs(ofWorker: "w", reason: "r")
            #expect(try store.claim(worker: "v", lease: .seconds(30)) != nil)
        }
        let pages = try [source, middle, target].map { (store: any Store) in
            try store.examples(of: "rows", limit: 9, after: 2490)?.rows.map(\.id)
        }
        #expect(pages[0]?.isEmpty == false && pages[0] == pages[1] && pages[1] == pages[2])
        let revisions = try [source, middle, target].map { (store: any Store) in
            try store.revisions(of: "rows").map(\.id)
        }
        #expect(revisions[0] == revisions[1] && revisions[1] == revisions[2])
    }

    @Test("a database that sorts by a language keeps the same rows in another order")
    func languages() throws {
        let (first, last) = (SQLitePlace(), SQLitePlace())
        defer { withExtendedLifetime((first, last)) {} }
        let source = try first.openDatabase()
        for model in ["a", "B", "a-b", "ab"] {
            let rows = [Example(label: "a", text: "1"), Example(label: "b", text: "2")]
            let change = ExampleChange(model: model, added: rows, actor: "someone")
            _ = try source.changeExamples(change)
            try source.setGolden([Example(label: "a", text: "golden")], of: model)
        }
        let cluster = try PostgreSQLCluster.shared()
        // A letter before its capital, where bytes have all capitals first.
        let name = "sorted_by_language"
        try cluster.run(
            "CREATE DATABASE \(name) TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'de' "
                + "LOCALE 'C'"
        )
        defer { try? cluster.run("DROP DATABASE \(name) WITH (FORCE)") }
        let address = cluster.uri(schema: "public")
            .replacingOccurrences(of: "/postgres?", with: "/\(name)?")
        let middle = PostgreSQLStore(PostgreSQLAddress(uri: address))
        try middle.prepare()
        let copied = try StoreCopy.copy(from: source, to: middle)
        let target = try last.openDatabase()
        #expect(try StoreCopy.copy(from: middle, to: target) == copied)
        let (before, after) = (try first.contents(), try last.contents())
        #expect(before == after)
    }

    @Test("a target that is not empty is refused, and stays as it is")
    func notEmpty() throws {
        let (first, second) = (SQLitePlace(), try PostgreSQLPlace())
        let source = try first.openDatabase()
        try fill(source)
        let target = second.makeStore()
        try target.prepare()
        try target.setGolden([Example(label: "a", text: "t")], of: "m")
        let before = try second.contents()
        #expect(throws: StoreCopyError.notEmpty(table: "golden")) {
            try StoreCopy.copy(from: source, to: target)
        }
        #expect(try second.contents() == before)
        #expect(throws: StoreCopyError.notEmpty(table: "results")) {
            try StoreCopy.copy(from: target, to: source)
        }
    }

    @Test("a checkpoint without its digest is refused, and the target stays empty")
    func damaged() throws {
        let (first, second) = (SQLitePlace(), try PostgreSQLPlace())
        let source = try first.openDatabase()
        try fill(source)
        try first.connect().run("UPDATE checkpoints SET bytes = CAST('x' AS BLOB) WHERE number = 2")
        let target = second.makeStore()
        try target.prepare()
        let before = try second.contents()
        #expect(throws: StoreCopyError.damagedCheckpoint(model: "mood", version: 2)) {
            try StoreCopy.copy(from: source, to: target)
        }
        #expect(try second.contents() == before)
    }

    @Test("a fault on the way leaves the target empty")
    func fault() throws {
        let (first, second) = (SQLitePlace(), try PostgreSQLPlace())
        let source = try first.openDatabase()
        try fill(source)
        let target = second.makeStore()
        try target.prepare()
        let before = try second.contents()
        try second.fail(behind: "INSERT ON idempotency")
        #expect(throws: StoreCopyError.self) { try StoreCopy.copy(from: source, to: target) }
        try second.mend()
        #expect(try second.contents() == before)
        _ = try StoreCopy.copy(from: source, to: target)
    }
}
