internal import Synchronization

/// Texts on their way to the version in shadow: so many places, each of which one thread has at a
/// time.
///
/// Who answers requests never waits here: a place that is not free costs the text its turn. Nor
/// does it wait for the thread that empties the places, which runs only where no other wants to:
/// the two share no lock, and what places hold is allocated and freed by those who fill them.
final class ShadowQueue: Sendable {
    /// A place and what lies there.
    ///
    /// `@unchecked Sendable`: who has brought `state` to `filling` or has found it `full` alone
    /// touches `content`.
    private final class Place: @unchecked Sendable {
        let state = Atomic<UInt8>(ShadowQueue.free)
        var content = ShadowText()
    }

    private static let free: UInt8 = 0
    private static let filling: UInt8 = 1
    private static let full: UInt8 = 2
    /// Places.
    static let capacity = 1024
    /// What each text takes beside its bytes.
    private static let overhead = 64
    /// The bytes that all texts may take.
    private static let textBytes = (4 << 20) + overhead * capacity
    /// A text that is longer leaves no buffer behind.
    private static let keptBytes = 2 << 10
    /// The most memory that a queue takes.
    static let byteCount = textBytes + capacity * (keptBytes + 256)

    private let places = (0..<capacity).map { _ in Place() }
    private let bytes = Atomic<Int>(0)
    private let missedTexts = Atomic<Int>(0)

    /// Texts that found no place.
    var missed: Int { missedTexts.load(ordering: .relaxed) }

    /// Puts a text into a place, or counts it as missed.
    ///
    /// - Parameters:
    ///   - number: counts the texts, and so chooses the place.
    ///   - count: the bytes of the text.
    ///   - fill: writes what lies there.
    func put(_ number: Int, bytes count: Int, _ fill: (inout ShadowText) -> Void) {
        let place = places[number % Self.capacity]
        let count = count + Self.overhead
        let size = bytes.wrappingAdd(count, ordering: .relaxed).newValue
        let isTaken =
            size <= Self.textBytes
            && place.state.compareExchange(
                expected: Self.free,
                desired: Self.filling,
                ordering: .acquiring
            ).exchanged
        guard isTaken else {
            bytes.wrappingSubtract(count, ordering: .relaxed)
            missedTexts.wrappingAdd(1, ordering: .relaxed)
            return
        }
        fill(&place.content)
        place.state.store(Self.full, ordering: .releasing)
    }

    /// The places where texts lie now; of one thread at a time.
    func filledPlaces() -> [Int] {
        // Mostly there is none.
        if bytes.load(ordering: .relaxed) == 0 { return [] }
        return places.indices.filter { places[$0].state.load(ordering: .relaxed) == Self.full }
    }

    /// Lends what lies in a place of `filledPlaces`, which is free then.
    func take(_ index: Int, _ use: (borrowing ShadowText) -> Void) {
        let place = places[index]
        guard place.state.load(ordering: .acquiring) == Self.full else { return }
        use(place.content)
        let count = place.content.text.count
        if count > Self.keptBytes { place.content.text = [] }
        bytes.wrappingSubtract(count + Self.overhead, ordering: .relaxed)
        place.state.store(Self.free, ordering: .releasing)
    }
}
