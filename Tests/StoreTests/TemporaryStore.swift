import Examples
import Foundation
import SQLiteStore
import Store
import Synchronization
import TestStores

/// A state directory that goes away with its last user, and a clock that a test moves.
final class TemporaryStore: Sendable {
    let directory: String
    private let time = Mutex(Duration.zero)

    init() {
        directory = NSTemporaryDirectory() + "elman-store-" + UUID().uuidString
    }

    deinit {
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// Another store on the same directory, as another process would have it.
    func open(busyTimeout: Duration = .seconds(5)) throws(StoreError) -> SQLiteStore {
        try SQLiteStore(directory: directory, busyTimeout: busyTimeout) { [self] in now }
    }

    var now: Duration { time.withLock { $0 } }
    func advance(by duration: Duration) { time.withLock { $0 += duration } }
}

let rows = [
    Example(label: "good", text: "i am happy"),
    Example(label: "bad", text: "naïve \"quoted\"\n\0end"),
]

func newJob(_ model: String = "mood", promotion: Promotion = .always) -> NewJob {
    NewJob(model: model, options: Array("{}".utf8), promotion: promotion, examples: rows)
}

func publication(_ text: String, isPromoted: Bool = true, over live: Int? = nil) -> Publication {
    Publication(
        checkpoint: Array(text.utf8),
        digest: "digest of \(text)",
        metrics: Array("{\"a\":1}".utf8),
        decision: Decision(
            isPromoted: isPromoted,
            reason: "a test says so",
            comparedWith: live,
            goldenRevision: 0
        )
    )
}

/// Submits a job, claims and publishes it.
@discardableResult
func train(_ text: String, promotion: Promotion = .always, on store: SQLiteStore) throws
    -> Published
{
    _ = try store.submit(job: newJob(promotion: promotion))
    return try finishJob(text, promotion: promotion, on: store)
}

/// Claims the next job and publishes it.
@discardableResult
func finishJob(
    _ text: String = UUID().uuidString,
    promotion: Promotion = .always,
    on store: SQLiteStore
) throws -> Published {
    guard let claimed = try store.claim(worker: "w", lease: .seconds(30)) else {
        throw StoreError.claimLost(job: "none queued")
    }
    let result = publication(
        text,
        isPromoted: promotion != .never,
        over: claimed.live?.version
    )
    return try store.publish(result, claim: claimed.claim)
}

extension ModelStore {
    func importFile(_ text: String, model: String = "mood") throws(StoreError) -> ImportResult {
        let checkpoint = ImportedCheckpoint(
            bytes: Array(text.utf8),
            digest: "digest of \(text)",
            origin: .file,
            metrics: Array("{}".utf8)
        )
        return try importCheckpoint(checkpoint, of: model)
    }
}
