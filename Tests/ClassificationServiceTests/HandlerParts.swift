import Examples
import Foundation
import HTTPServer
import Logging
import Memory
import Model
import SQLiteStore
import Store
import Synchronization
import Testing

@testable import ClassificationService

/// What handlers use, over a store of their own with the model `mood`; there is no service.
final class HandlerParts: Sendable {
    let directory: String
    let store: any Store
    let models: LiveModels
    let limits = Limits()
    let memory = MemoryBudget()
    let drain = Drain()
    let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let clock: TimeSource

    init() throws {
        directory = NSTemporaryDirectory() + "elman-parts-\(UUID().uuidString)"
        let files = directory + "/models"
        try FileManager.default.createDirectory(
            atPath: files,
            withIntermediateDirectories: true
        )
        let bytes = try checkpoint(model: "mood").encoded()
        try Data(bytes).write(to: URL(fileURLWithPath: files + "/mood.json"))
        store = try SQLiteStore(directory: directory)
        models = LiveModels(
            store: store,
            defaultName: nil,
            metrics: PredictionMetrics(),
            textRule: limits.exampleRules.text,
            memory: PredictionMemory(capacity: 8),
            budget: memory,
            log: log
        )
        let (now, advance) = Self.clock()
        clock = TimeSource(now: now)
        self.advance = advance
        let list = try ModelDirectory(files)
        models.expect(list)
        while try models.importNext(of: list) {}
        models.finishStart()
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    /// Lets time pass for whoever has `clock`.
    let advance: @Sendable (Duration) -> Void

    private static func clock() -> (
        now: @Sendable () -> ContinuousClock.Instant, advance: @Sendable (Duration) -> Void
    ) {
        final class Hands: Sendable {
            let time = Mutex(ContinuousClock.now)
        }
        let hands = Hands()
        return ({ hands.time.withLock { $0 } }, { step in hands.time.withLock { $0 += step } })
    }

    var waiters: JobWaiters { JobWaiters(store: store, models: models, clock: clock) }

    var shadows: Shadows { Shadows(store, models, log: log) }

    var shadowHandlers: ShadowHandlers {
        ShadowHandlers(store: store, shadows: shadows, predictions: nil, log: log)
    }

    var changes: ExampleChanges {
        ExampleChanges(store: store, limits: limits, drain: drain, log: log)
    }

    /// A request as a handler gets it.
    func request(
        _ method: HTTPMethod,
        _ path: PathTemplate,
        _ target: String,
        _ body: String = "",
        headers: [(name: String, value: String)] = []
    ) throws -> RequestCopy {
        let table = OperationTable([row(method, path)])
        let request = HTTPRequest(
            method: method,
            target: target,
            headers: [("Content-Type", "application/json")] + headers,
            body: Array(body.utf8)
        )
        let found = table.match(request)
        let match = try #require(found)
        return try RequestCopy(request, table.rows[0], match.values, .anonymous, memory: memory)
    }

    /// What takes an answer that comes later, and what it got.
    func pending() -> (pending: PendingAnswer, answers: @Sendable () -> [Received]) {
        final class Box: Sendable {
            let answers = Mutex<[Received]>([])
        }
        let box = Box()
        let table = OperationTable([row(.get, "/x")])
        let pending = PendingAnswer(
            HTTPResponder { response in box.answers.withLock { $0.append(Received(response)) } },
            RequestID(),
            table.rows[0],
            table.paths[0],
            journal,
            nil,
            start: 0
        )
        return (pending, { box.answers.withLock { $0 } })
    }

    func router(_ rows: [TableRow], access: AccessControl) -> Router {
        Router(
            table: OperationTable(rows),
            access: access,
            models: models,
            journal: journal,
            memory: memory,
            storeLog: ThrottledLog(log)
        )
    }

    private var journal: RequestJournal {
        RequestJournal(metrics: RequestMetrics(), log: log, logsRequests: false)
    }

    private func row(_ method: HTTPMethod, _ path: PathTemplate) -> TableRow {
        TableRow(
            method,
            path,
            model: path.modelCount == 1 ? .path : .none,
            .anyToken,
            body: .rows(limits),
            [200],
            .now { _ in .empty(200) }
        )
    }
}
