import Synchronization
import Testing

@testable import Optimization

@Suite struct WorkerTeamTests {
    private final class Counters: Sendable {
        private let counts: Mutex<[Int]>

        init(_ count: Int) { counts = Mutex(Array(repeating: 0, count: count)) }

        func count(_ index: Int) { counts.withLock { $0[index] += 1 } }

        var all: [Int] { counts.withLock { $0 } }
    }

    private struct Problem: Error, Equatable { var number: Int }

    @Test("runs every task once, those that tasks ask for too", arguments: [1, 2, 3, 8])
    func nested(threads: Int) {
        let team = WorkerTeam(threads: threads)
        let counters = Counters(5 * 7)
        for _ in 0..<20 {
            team.run(count: 5) { outer in
                team.run(count: 7) { inner in counters.count(outer * 7 + inner) }
            }
        }
        #expect(counters.all == Array(repeating: 20, count: 35))
    }

    @Test("gives results in the order of their tasks", arguments: [1, 4])
    func order(threads: Int) {
        let team = WorkerTeam(threads: threads)
        let squares = team.map(count: 100) { $0 * $0 }
        #expect(squares == (0..<100).map { $0 * $0 })
        let nothing = team.map(count: 0) { $0 }
        #expect(nothing.isEmpty)
    }

    @Test("throws what a task threw, and begins no other after it", arguments: [1, 3])
    func failure(threads: Int) {
        let team = WorkerTeam(threads: threads)
        let counters = Counters(1000)
        #expect(throws: Problem.self) {
            try team.map(count: 1000) { index in
                counters.count(index)
                throw Problem(number: index)
            }
        }
        #expect(counters.all.reduce(0, +) <= threads)
    }
}
