internal import Glibc
internal import Synchronization

/// Threads that share out the work of a training run, whichever path has some.
///
/// Whoever asks for work works too, and the others help. A task may ask in its turn, so the shards
/// of a batch go to threads that have no path of their own; Dispatch would give nested work to one
/// thread.
package final class WorkerTeam: Sendable {
    private let board = JobBoard()
    private let helpers: [pthread_t]

    /// Starts `threads` - 1 helpers: the caller is one of the team.
    package init(threads: Int) {
        let board = board
        helpers = (1..<max(threads, 1)).compactMap { lane in
            var thread = pthread_t()
            let argument = Unmanaged.passRetained(Helper(board: board, lane: lane))
            let problem = pthread_create(&thread, nil, help, argument.toOpaque())
            if problem == 0 { return thread }
            // Fewer helpers take longer and change nothing else.
            argument.release()
            return nil
        }
    }

    deinit {
        board.close()
        for helper in helpers { pthread_join(helper, nil) }
    }

    /// Runs tasks 0..<count, which must not touch the same things, and returns when all are done.
    package func run(count: Int, _ task: @escaping (Int) -> Void) {
        guard !helpers.isEmpty && count > 1 else {
            for index in 0..<count { task(index) }
            return
        }
        let job = Job(count: count, lanes: helpers.count + 1, task: task)
        board.add(job)
        job.work(lane: 0)
        board.finish(job)
    }

    /// The results of tasks 0..<count, begun in the order of their numbers; after one has thrown no
    /// other begins.
    ///
    /// - Throws: what the first of them threw, by number.
    package func map<Value, Failure: Error>(
        count: Int,
        _ task: @escaping (Int) throws(Failure) -> Value
    ) throws(Failure) -> [Value] {
        // Each task writes its own result, and all are read only when every task is done.
        let results = UnsafeMutableBufferPointer<Result<Value, Failure>?>.allocate(
            capacity: count
        )
        results.initialize(repeating: nil)
        defer {
            results.deinitialize()
            results.deallocate()
        }
        let hasFailed = FailureMark()
        run(count: count) { index in
            if hasFailed.isSet { return }
            results[index] = Result { () throws(Failure) in try task(index) }
            if case .failure = results[index] { hasFailed.set() }
        }
        for case .failure(let error)? in results { throw error }
        return results.compactMap { if case .success(let value)? = $0 { value } else { nil } }
    }
}

/// Whether a task has thrown.
private final class FailureMark: Sendable {
    private let mark = Atomic<Bool>(false)

    var isSet: Bool { mark.load(ordering: .relaxed) }

    func set() { mark.store(true, ordering: .relaxed) }
}

/// What a thread is told at its start.
private final class Helper: Sendable {
    let board: JobBoard
    let lane: Int

    init(board: JobBoard, lane: Int) {
        self.board = board
        self.lane = lane
    }
}

/// What a helper does until the board closes.
private func help(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    let helper = Unmanaged<Helper>.fromOpaque(argument).takeRetainedValue()
    while let job = helper.board.nextJob() {
        job.work(lane: helper.lane)
        helper.board.leave(job)
    }
    return nil
}
