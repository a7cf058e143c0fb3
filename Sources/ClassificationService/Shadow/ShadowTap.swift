internal import Synchronization

/// Where the live version of a model offers what it answers to the version in shadow, if one runs.
final class ShadowTap: Sendable {
    private let isOpen = Atomic<Bool>(false)
    private let run = Mutex<ShadowRun?>(nil)

    /// Offers a text that was answered; costs one look where no version runs in shadow.
    ///
    /// - Parameters:
    ///   - text: as it was read.
    ///   - said: the answer.
    ///   - options: what was asked for.
    ///   - model: what answered.
    @inline(__always)
    func offer(
        _ text: UnsafeBufferPointer<UInt8>,
        _ said: borrowing Classification,
        _ options: ClassifyRequest.Options,
        by model: ServedModel
    ) {
        guard isOpen.load(ordering: .relaxed), options.isOffered else { return }
        run.withLock { $0 }?.offer(text, said, options, by: model)
    }

    /// Offers to another one from now on; nil for none.
    func lead(to run: ShadowRun?) {
        self.run.withLock { $0 = run }
        isOpen.store(run != nil, ordering: .relaxed)
    }
}

/// The taps by model, each as long as somebody has it.
final class ShadowTaps: Sendable {
    private struct Entry {
        weak var tap: ShadowTap?
    }

    private let taps = Mutex<[String: Entry]>([:])

    /// The tap of a model, the same for all of its versions.
    func tap(of model: String) -> ShadowTap {
        taps.withLock { taps in
            if let known = taps[model]?.tap { return known }
            taps = taps.filter { $0.value.tap != nil }
            let new = ShadowTap()
            taps[model] = Entry(tap: new)
            return new
        }
    }
}
