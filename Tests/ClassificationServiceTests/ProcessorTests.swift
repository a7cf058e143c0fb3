import Dispatch
import Synchronization
import Testing

@testable import ClassificationService

/// What each processor has of its own is one thing to those who look.
@Suite struct ProcessorTests {
    private final class Thing: Sendable {
        let holders = Atomic(0)
    }

    @Test("there is a power of two of processors, and the one that runs is among them")
    func processors() {
        #expect((1...8).contains(Processor.count))
        #expect(Processor.count.nonzeroBitCount == 1)
        #expect((0..<Processor.count).contains(Processor.current))
    }

    @Test("counters have what all threads added")
    func counts() {
        let counters = Counters(count: 11)
        DispatchQueue.concurrentPerform(iterations: 16) { thread in
            for step in 0..<11_000 { counters.add(thread, at: step % 11) }
        }
        for index in 0..<11 { #expect(counters[index] == 120 * 1000) }
    }

    @Test("an idle object is given to one at a time, and kept ones are used again")
    func lends() {
        let idle = IdleObjects<Thing>()
        let made = Atomic(0)
        let shared = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: 8) { _ in
            for _ in 0..<5000 {
                let thing =
                    idle.take()
                    ?? {
                        made.add(1, ordering: .relaxed)
                        return Thing()
                    }()
                if thing.holders.add(1, ordering: .relaxed).newValue != 1 {
                    shared.add(1, ordering: .relaxed)
                }
                thing.holders.subtract(1, ordering: .relaxed)
                idle.keep(thing)
            }
        }
        #expect(shared.load(ordering: .relaxed) == 0)
        #expect((1...8).contains(made.load(ordering: .relaxed)))
        var found = 0
        while idle.take() != nil { found += 1 }
        #expect(found <= made.load(ordering: .relaxed))
    }

    @Test("no more objects are kept than there is room for, and all are let go at the end")
    func bounds() {
        weak var last: Thing?
        do {
            let idle = IdleObjects<Thing>(capacity: 3)
            for _ in 0..<50 {
                let thing = Thing()
                last = thing
                idle.keep(thing)
            }
            let thing = Thing()
            last = thing
            idle.keep(thing)
            var found: [Thing] = []
            while let one = idle.take() { found.append(one) }
            #expect((1...(3 + Processor.count)).contains(found.count))
            for one in found { idle.keep(one) }
        }
        #expect(last == nil)
    }

    @Test("nobody sees an older snapshot after a newer one")
    func snapshots() {
        let current = CurrentSnapshot(ModelSnapshot(isStarting: true))
        let goesOn = Atomic(true)
        let newest = Atomic(0)
        let older = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: 5) { thread in
            if thread == 0 {
                for age in 1...3000 {
                    let names = [String](repeating: "", count: age % 100) + ["\(age)"]
                    current.replace(with: ModelSnapshot(isStarting: true, loadingModels: names))
                    newest.store(age, ordering: .releasing)
                }
                goesOn.store(false, ordering: .releasing)
                return
            }
            while goesOn.load(ordering: .acquiring) {
                let least = newest.load(ordering: .acquiring)
                let seen = current.value.loadingModels.last.flatMap(Int.init) ?? 0
                if seen < least { older.add(1, ordering: .relaxed) }
            }
        }
        #expect(older.load(ordering: .relaxed) == 0)
        #expect(current.value.loadingModels.last == "3000")
    }
}
