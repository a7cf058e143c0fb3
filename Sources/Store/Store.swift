/// All that Elman keeps: training jobs, workers, models with their versions, and data sets.
///
/// Server and trainers open the same store, each its own handle. How it keeps things is the
/// backend's business; every backend gives what this room's comments promise, and the conformance
/// suite in `Tests/StoreTests/Conformance` holds it to that.
///
/// **Transactions.** Each verb is one transaction, unless its comment says more. What has returned
/// is kept, and survives a crash and a power cut. What a verb throws, it has not done, not even in
/// part. Verbs that change the same thing at the same time happen one after the other.
///
/// **Reading.** A verb that reads sees one state of the store. It never waits for a verb that
/// writes.
///
/// **Time.** No decision depends on the time of day. So a clock that jumps neither ends nor doubles
/// a job. Times in records are for people, in milliseconds since 1970.
///
/// **Threads.** Any thread may call, and several at once.
///
/// **Errors.** Every verb throws `StoreError`: what its comment names, and an outage
/// (`StoreError.isOutage`, `busy`) when the backend cannot do its work.
public protocol Store: JobStore, WorkerStore, ModelStore, DataSetStore,
    PredictionStore, TextStore, VectorStore, ShadowStore
{
    /// A mark that is another one after every change that any handle has committed.
    ///
    /// Cheap enough to be asked many times a second; waits for no other verb. Two equal marks mean
    /// that nothing has changed between them. Two different ones may come without a change.
    ///
    /// - Throws: an outage.
    func changeMark() throws(StoreError) -> ChangeMark

    /// How often a change mark is worth asking for, at most; zero for as often as one likes.
    var lookInterval: Duration { get }

    /// Calls `wake` soon after changes of any handle, where that saves followers from waiting for
    /// their next look.
    ///
    /// A call may be lost, so followers look all the same. Calls end with the store.
    ///
    /// - Parameter wake: must not wait; called on a thread of the store.
    func announceChanges(to wake: @escaping @Sendable () -> Void)

    /// The bytes that the store takes where it lies.
    ///
    /// Cheap; waits for no other verb. A backend behind a network tells what it found when it was
    /// last asked for a change mark.
    var byteCount: Int { get }

    /// Why the last change could not be kept, or that damage was met since; nil since one was kept
    /// again.
    var writeTrouble: StoreError? { get }

    /// Finds out whether a store that could not keep a change can do so now.
    ///
    /// - Throws: why it still cannot.
    func tryWriting() throws(StoreError)

    /// Puts what is kept into as few files as it can, for whoever copies them by hand.
    ///
    /// Nothing depends on it: what was acknowledged is kept either way. Waits for no other verb of
    /// another handle.
    ///
    /// - Throws: an outage.
    func settle() throws(StoreError)

    /// Looks through all that is kept for damage to its structure.
    ///
    /// Waits for no other verb, and none waits for it.
    ///
    /// - Returns: the first damage, in the backend's words and without texts; nil if there is none.
    /// - Throws: an outage; `corrupt` if the damage keeps it from being read.
    /// - Complexity: O(bytes of the store).
    func firstDamage() throws(StoreError) -> String?
}

/// A moment in the changes of a store.
public struct ChangeMark: Hashable, Sendable {
    private let number: Int

    /// - Parameter number: any number that differs from those of other moments.
    package init(_ number: Int) { self.number = number }
}

/// How much is kept; the rest is cleared away in the transaction that makes it superfluous.
///
/// Of versions stay, besides the newest, the live one, its parent, the anchor of decisions, pinned
/// ones, the one in shadow and the newest that came from a file. No clock decides.
public enum Retention {
    /// How many of a model's newest versions stay, unless the store was opened with another number.
    public static let versions = 10

    /// How many revisions that were replaced, corrections and all, can be gone back to.
    package static let revisions = 10

    /// The most jobs that have ended and are still shown.
    package static let jobs = 1000

    /// How long a worker may stay silent before it is no longer listed.
    package static let workerSilence = Duration.seconds(60)

    /// The most events that are kept of one job; the oldest go first.
    package static let events = 1000

    /// The most different pairs of answers that are kept of one shadow.
    public static let shadowPairs = 1000

    /// The most bytes that the answers of such a pair may have: what an index takes.
    package static let shadowPairBytes = 2000

    /// The most answers that are remembered for requests with an idempotency key.
    package static let answers = 10_000
}
