internal import Glibc
internal import Synchronization

/// Tasks 0..<count, each taken by one thread.
///
/// Every thread has a lane and takes first what falls into it, so that the memory of a task stays
/// near one core from job to job; then it takes what the others have left.
///
/// `@unchecked Sendable`: whoever asked for the tasks answers for their independence.
final class Job: @unchecked Sendable {
    private let count: Int
    private let lanes: Int
    private let task: (Int) -> Void
    private let isTaken: UnsafeMutablePointer<Atomic<Bool>>
    private let taken = Atomic<Int>(0)
    private let finished = Atomic<Int>(0)

    init(count: Int, lanes: Int, task: @escaping (Int) -> Void) {
        self.count = count
        self.lanes = lanes
        self.task = task
        isTaken = .allocate(capacity: count)
        for index in 0..<count { (isTaken + index).initialize(to: Atomic(false)) }
    }

    deinit {
        isTaken.deinitialize(count: count)
        isTaken.deallocate()
    }

    var hasWork: Bool { taken.load(ordering: .relaxed) < count }
    var isFinished: Bool { finished.load(ordering: .acquiring) == count }

    /// Takes tasks until none is left.
    func work(lane: Int) {
        for index in stride(from: lane, to: count, by: lanes) { take(index) }
        for index in 0..<count where hasWork { take(index) }
    }

    private func take(_ index: Int) {
        guard !isTaken[index].exchange(true, ordering: .relaxed) else { return }
        taken.wrappingAdd(1, ordering: .relaxed)
        task(index)
        // Releasing: who sees it finished sees what it wrote.
        finished.wrappingAdd(1, ordering: .acquiringAndReleasing)
    }
}

/// The jobs under way, and those who wait for one to begin or to end.
///
/// `@unchecked Sendable`: everything but `added` is touched under the lock alone.
final class JobBoard: @unchecked Sendable {
    private let lock: UnsafeMutablePointer<pthread_mutex_t> = .allocate(capacity: 1)
    private let changed: UnsafeMutablePointer<pthread_cond_t> = .allocate(capacity: 1)
    /// The oldest first: paths before their shards.
    private var jobs: [Job] = []
    private var isClosed = false
    /// How many jobs there have been.
    private let added = Atomic<Int>(0)

    /// How often to look again before sleeping: a batch ends and the next begins within less time
    /// than it takes to wake up.
    private static let looks = 100

    init() {
        pthread_mutex_init(lock, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(lock)
        changed.deallocate()
        lock.deallocate()
    }

    func add(_ job: Job) {
        pthread_mutex_lock(lock)
        jobs.append(job)
        added.wrappingAdd(1, ordering: .relaxed)
        pthread_cond_broadcast(changed)
        pthread_mutex_unlock(lock)
    }

    /// Waits until what others took of `job` is done, and forgets it.
    func finish(_ job: Job) {
        for _ in 0..<JobBoard.looks where !job.isFinished { sched_yield() }
        pthread_mutex_lock(lock)
        while !job.isFinished { pthread_cond_wait(changed, lock) }
        jobs.removeAll { $0 === job }
        pthread_mutex_unlock(lock)
    }

    /// Waits for a job with work left; nil once the board is closed.
    func nextJob() -> Job? {
        let seen = added.load(ordering: .relaxed)
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        if let job = jobs.first(where: \.hasWork) { return job }
        pthread_mutex_unlock(lock)
        for _ in 0..<JobBoard.looks where added.load(ordering: .relaxed) == seen { sched_yield() }
        pthread_mutex_lock(lock)
        while !isClosed {
            if let job = jobs.first(where: \.hasWork) { return job }
            pthread_cond_wait(changed, lock)
        }
        return nil
    }

    /// Tells whoever waits for `job` if it is finished.
    func leave(_ job: Job) {
        guard job.isFinished else { return }
        pthread_mutex_lock(lock)
        pthread_cond_broadcast(changed)
        pthread_mutex_unlock(lock)
    }

    func close() {
        pthread_mutex_lock(lock)
        isClosed = true
        pthread_cond_broadcast(changed)
        pthread_mutex_unlock(lock)
    }
}
