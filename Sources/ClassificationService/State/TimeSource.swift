/// Where the time comes from that clients wait for; a test can give another.
struct TimeSource: Sendable {
    let now: @Sendable () -> ContinuousClock.Instant

    init(now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) { self.now = now }
}
