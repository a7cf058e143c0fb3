import Examples
import Foundation
import Store
import TestStores

let rows = [
    Example(label: "good", text: "i am happy"),
    Example(label: "bad", text: "naïve \"quoted\"\n\0end"),
]

func newJob(_ model: String = "mood", promotion: Promotion = .always) -> NewJob {
    NewJob(model: model, options: Array("{}".utf8), promotion: promotion, examples: rows)
}

func worker(_ name: String, startedAt: Int = 1_700_000_000_000) -> WorkerIdentity {
    WorkerIdentity(
        name: name,
        host: "machine \"1\"",
        process: 4711,
        version: "0.1.0",
        threads: 4,
        startedAt: startedAt
    )
}

func prediction(
    _ id: String,
    of model: String = "mood",
    score: Double = 0.5,
    margin: Double = 0.25
) -> StoredPrediction {
    StoredPrediction(
        id: id,
        model: model,
        version: 3,
        text: "naïve \"quoted\"\n of \(id)",
        label: "good",
        score: score,
        margin: margin,
        createdAt: 1_700_000_000_123
    )
}

/// A job that was taken from the worker `w`.
func taken(_ id: String, _ state: JobState, lease: Duration = .seconds(1)) -> ReleasedJob {
    ReleasedJob(id: id, worker: "w", lease: lease, state: state)
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
func train(_ text: String, promotion: Promotion = .always, on store: any Store) throws
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
    on store: any Store
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
