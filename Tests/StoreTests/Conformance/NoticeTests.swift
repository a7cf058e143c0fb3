import Store
import TestStores
import Testing

/// Ends of jobs that are to be told.
@Suite struct NoticeTests {
    private func cancelled(_ store: any Store, isAnnounced: Bool = true) throws -> String {
        var job = newJob()
        job.isAnnounced = isAnnounced
        let id = try store.submit(job: job).job.id
        _ = try store.requestCancel(id)
        return id
    }

    @Test(
        "ends of jobs that somebody waits for are taken once, the oldest first",
        arguments: Backend.all
    )
    func once(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let store = try place.open()
        var waiting = newJob()
        waiting.isAnnounced = true
        let running = try store.submit(job: waiting).job.id
        let ids = try (0..<3).map { _ in try cancelled(store) }
        _ = try cancelled(store, isAnnounced: false)
        #expect(try store.takeNotices(limit: 0).isEmpty)
        let first = try store.takeNotices(limit: 2)
        #expect(first.map(\.id) == Array(ids[..<2]) && first.allSatisfy { $0.state == .cancelled })
        #expect(try place.open().takeNotices(limit: 9).map(\.id) == [ids[2]])
        #expect(try store.takeNotices(limit: 9).isEmpty)
        _ = try store.requestCancel(running)
        #expect(try store.takeNotices(limit: 9).map(\.id) == [running])
    }

    @Test("what is given back is taken again, what is settled is not", arguments: Backend.all)
    func again(_ backend: Backend) throws {
        let store = try backend.makePlace().open()
        let ids = try (0..<3).map { _ in try cancelled(store) }
        _ = try store.takeNotices(limit: 9)
        try store.settleNotice(of: ids[0])
        try store.returnNotices(of: [ids[0], ids[1], "job-none"])
        #expect(try store.takeNotices(limit: 9).map(\.id) == [ids[1]])
        try store.returnNotices(of: nil)
        #expect(try store.takeNotices(limit: 9).map(\.id) == Array(ids[1...]))
    }

    @Test("of servers that take at once each end goes to one", arguments: Backend.all)
    func race(_ backend: Backend) throws {
        let place = try backend.makePlace()
        let store = try place.open()
        let ids = try (0..<12).map { _ in try cancelled(store) }
        let takers = try (0..<4).map { _ in try place.open() }
        let taken = try atOnce(
            takers.map { taker in
                { () throws -> [String] in
                    var all: [String] = []
                    for _ in 0..<12 { all += try taker.takeNotices(limit: 1).map(\.id) }
                    return all
                }
            }
        ).flatMap { try $0.get() }
        #expect(taken.sorted() == ids.sorted())
    }
}
