import Glibc
import Testing

@testable import ClassificationService

/// `ShadowQueue`.
@Suite struct ShadowQueueTests {
    @Test("what finds no place is missed and counted, and no one waits")
    func bounded() {
        let queue = ShadowQueue()
        for number in 0..<ShadowQueue.capacity + 7 {
            queue.put(number, bytes: 3) { $0.text = [1, 2, 3] }
        }
        #expect(queue.missed == 7)
        let places = queue.filledPlaces()
        #expect(places.count == ShadowQueue.capacity)
        for place in places.prefix(2) { queue.take(place) { #expect($0.text == [1, 2, 3]) } }
        queue.put(0, bytes: 1) { $0.text = [9] }
        #expect(queue.missed == 7 && queue.filledPlaces().count == ShadowQueue.capacity - 1)
    }

    @Test("texts have so many bytes together, and a long one leaves nothing behind")
    func bytes() {
        let queue = ShadowQueue()
        let long = [UInt8](repeating: 1, count: 1 << 20)
        for number in 0..<6 { queue.put(number, bytes: long.count) { $0.text = long } }
        #expect(queue.missed == 2)
        for place in queue.filledPlaces() { queue.take(place) { _ in } }
        queue.put(7, bytes: long.count) { $0.text = long }
        #expect(queue.missed == 2)
    }

    @Test("what many threads put is taken once, whole")
    func concurrent() async {
        let queue = ShadowQueue()
        let taken = await withTaskGroup(of: Int.self) { group in
            for thread in 0..<4 {
                group.addTask {
                    for number in 0..<5000 {
                        let size = number % 50
                        queue.put(number * 4 + thread, bytes: size) {
                            $0.text = [UInt8](repeating: UInt8(size), count: size)
                        }
                    }
                    return 0
                }
            }
            group.addTask {
                var taken = 0
                for _ in 0..<200 {
                    for place in queue.filledPlaces() {
                        queue.take(place) { text in
                            taken += 1
                            #expect(text.text.allSatisfy { Int($0) == text.text.count })
                        }
                    }
                    usleep(500)
                }
                return taken
            }
            return await group.reduce(0, +)
        }
        #expect(taken + queue.missed + queue.filledPlaces().count == 20_000)
    }
}
