import Store
import Synchronization
import Testing

/// When a worker has been silent for too long.
@Suite struct LeaseWatchTests {
    @Test("a watch that begins anew, as after an outage, gives every job its whole lease again")
    func beginsAnew() {
        let time = Mutex(Duration.zero)
        let watch = LeaseWatch { time.withLock { $0 } }
        let job = LeaseWatch.RunningJob(id: "a", attempt: 1, heartbeat: 7, lease: .seconds(60))
        func expired(after duration: Duration) -> [String] {
            time.withLock { $0 += duration }
            return watch.expired(among: [job]).map(\.id)
        }
        #expect(expired(after: .zero).isEmpty)
        #expect(expired(after: .seconds(59)).isEmpty)
        watch.beginAnew()
        #expect(expired(after: .seconds(1)).isEmpty)
        #expect(expired(after: .seconds(59)).isEmpty)
        #expect(expired(after: .seconds(1)) == ["a"])
    }
}
