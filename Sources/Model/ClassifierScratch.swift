internal import Synchronization

/// The working memory of one classification at a time; kept and used again.
///
/// `@unchecked Sendable`: it may move between threads, and two that use it at once stop the program
/// at `enter`, before either touches the memory.
public final class ClassifierScratch: @unchecked Sendable {
    var tokens = TokenBuffer()
    private(set) var words: UnsafeMutablePointer<UInt32>
    /// The mixed network's own part.
    let mixed: MixedNetwork.Workspace?
    private let memory: FloatBuffer
    private let classCount: Int
    private let isInUse = Atomic<Bool>(false)

    init(
        classCount: Int,
        workspaceCount: Int,
        maximumTokens: Int,
        mixed: MixedNetwork.Workspace?
    ) {
        self.mixed = mixed
        self.classCount = classCount
        memory = FloatBuffer(zeros: workspaceCount + classCount)
        words = .allocate(capacity: maximumTokens)
    }

    deinit { words.deallocate() }

    /// Whether a very long text made it grow; a new one is cheaper to have than this to keep.
    public var isLarge: Bool { tokens.isLarge }

    /// The probabilities of the last text, in the order of the labels; overwritten by the next.
    public var probabilities: UnsafeBufferPointer<Float> {
        UnsafeBufferPointer(start: memory.pointer, count: classCount)
    }

    /// Where logits, and then probabilities, are written.
    var outputs: UnsafeMutableBufferPointer<Float> {
        UnsafeMutableBufferPointer(start: memory.pointer, count: classCount)
    }

    /// The network's own part.
    var workspace: UnsafeMutablePointer<Float> { memory.pointer + classCount }

    func enter(classCount: Int, workspaceCount: Int) {
        precondition(
            !isInUse.exchange(true, ordering: .acquiring),
            "Two threads use one scratch at once"
        )
        precondition(
            classCount == self.classCount && memory.count == classCount + workspaceCount,
            "The scratch was made by another classifier"
        )
    }

    func leave() { isInUse.store(false, ordering: .releasing) }
}
