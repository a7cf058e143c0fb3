import Model
import Testing

@Suite("Threads of jobs")
struct JobThreadsTests {
    @Test(
        "a long job leaves one processor, a short one takes all, neither more than eight",
        arguments: [(1, 1, 1), (2, 1, 2), (4, 3, 4), (8, 7, 8), (64, 8, 8)]
    )
    func besideServer(processors: Int, long: Int, short: Int) {
        #expect(JobThreads(besideServerOn: processors) == JobThreads(long: long, short: short))
    }

    @Test("jobs at a time share them, each has at least one", arguments: [(1, 3), (2, 1), (9, 1)])
    func shared(jobs: Int, long: Int) {
        let shared = JobThreads(long: 3, short: 4).shared(between: jobs)
        #expect(shared == JobThreads(long: long, short: max(1, 4 / jobs)))
    }

    @Test(
        "rows say whether a job is long",
        arguments: [(0, 4), (1999, 4), (2000, 3)]
    )
    func count(rows: Int, threads: Int) {
        #expect(JobThreads(long: 3, short: 4).count(rows: rows) == threads)
    }
}
