import Memory
import Testing

@Suite struct MemoryBudgetTests {
    @Test("gives out its bytes and takes them back exactly once")
    func givesBack() throws {
        let budget = MemoryBudget(limit: 1000)
        var first = budget.reserve(600, for: .work)
        let same = first
        #expect(first?.bytes == 600)
        #expect(budget.reserve(401, for: .answer) == nil)
        let second = budget.reserve(400, for: .answer)
        #expect(second != nil)
        first = nil
        #expect(budget.reserved(for: .work) == 600, "one reference is left")
        #expect(same != nil)
        #expect(budget.refusals == 1)
    }

    @Test("is whole again when all reservations have gone")
    func isWholeAgain() {
        let budget = MemoryBudget(limit: 100)
        for use in MemoryBudget.Use.allCases {
            let bytes = budget.share(of: use)
            #expect(budget.reserve(bytes, for: use) != nil, "\(use)")
            #expect(budget.reserve(bytes + 1, for: use) == nil, "\(use)")
            #expect(budget.reserved(for: use) == 0, "\(use)")
        }
        #expect(budget.hasRoom(for: 100, .work))
    }

    @Test("keeps half for what is made of bodies")
    func keepsHalf() {
        let budget = MemoryBudget(limit: 100)
        let body = budget.reserve(50, for: .body)
        #expect(!budget.hasRoom(for: 1, .body))
        #expect(budget.reserve(1, for: .body) == nil)
        let work = budget.reserve(50, for: .work)
        #expect(body != nil && work != nil)
    }

    @Test("holds under many threads")
    func holdsUnderThreads() async {
        let budget = MemoryBudget(limit: 10)
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<10_000 { _ = budget.reserve(3, for: .work) }
                }
            }
        }
        #expect(budget.reserved(for: .work) == 0)
        #expect(budget.reserve(10, for: .work) != nil)
    }
}
