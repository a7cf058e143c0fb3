internal import CMalloc
internal import Dispatch
internal import Glibc
internal import Synchronization

/// The thread on which versions in shadow answer: it runs only where no other one wants to.
final class ShadowThread: Sendable {
    /// What the thread and its owner share.
    private final class Work: Sendable {
        let runs = Mutex<[ShadowRun]>([])
        let isStopping = Atomic<Bool>(false)
        let wake = DispatchSemaphore(value: 0)
        let hasEnded = DispatchSemaphore(value: 0)

        private static let pause = 10_000_000
        private static let longestPause = 500_000_000

        /// Answers what waits, again and again; rests four times as long as it has worked.
        func run() {
            run_when_idle()
            var pause = Self.pause
            while !isStopping.load(ordering: .relaxed) {
                let runs = runs.withLock { $0 }
                if runs.isEmpty {
                    wake.wait()
                    continue
                }
                _ = wake.wait(timeout: .now() + .nanoseconds(pause))
                pause = Self.pause
                let waiting = runs.map { ($0, $0.waiting()) }.filter { !$0.1.isEmpty }
                if waiting.isEmpty { continue }
                // The answers to these texts have been made; now they leave.
                usleep(2000)
                let start = monotonicNanoseconds()
                for (run, places) in waiting {
                    run.answer(places) { isStopping.load(ordering: .relaxed) }
                }
                // Where processor time is rationed, what it takes is taken from others.
                let spent = monotonicNanoseconds() - start
                pause = min(max(Self.pause, 4 * spent), Self.longestPause)
            }
            hasEnded.signal()
        }
    }

    private let work = Work()
    private let hasBegun = Atomic<Bool>(false)

    deinit { stop() }

    /// Works for these from now on; begins with the first ones.
    func serve(_ runs: [ShadowRun]) {
        work.runs.withLock { $0 = runs }
        work.wake.signal()
        guard !runs.isEmpty, !hasBegun.exchange(true, ordering: .relaxed) else { return }
        var thread = pthread_t()
        let argument = Unmanaged.passRetained(work)
        let problem = pthread_create(
            &thread,
            nil,
            { argument in
                if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            },
            argument.toOpaque()
        )
        if problem == 0 {
            pthread_detach(thread)
        } else {
            // Texts are dropped and counted, until the next change tries again.
            argument.release()
            hasBegun.store(false, ordering: .relaxed)
        }
    }

    /// Ends it behind the text that it is at.
    func stop() {
        guard !work.isStopping.exchange(true, ordering: .relaxed) else { return }
        work.wake.signal()
        // It may have to wait for a processor; nothing depends on its end.
        if hasBegun.load(ordering: .relaxed) { _ = work.hasEnded.wait(timeout: .now() + 1) }
    }
}
