import Logging
import Synchronization

/// Hands events on.
struct EventHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info
    let handle: @Sendable (LogEvent) -> Void

    init(_ handle: @escaping @Sendable (LogEvent) -> Void) { self.handle = handle }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { handle(event) }
}

/// Keeps events.
final class EventLog: Sendable {
    private let events = Mutex<[(name: String, facts: Logger.Metadata)]>([])

    var logger: Logger {
        Logger(label: "test") { _ in
            EventHandler { event in
                self.events.withLock {
                    $0.append((event.message.description, event.metadata ?? [:]))
                }
            }
        }
    }

    /// The facts of the events of a name.
    func facts(_ name: String) -> [[String: String]] {
        events.withLock { events in
            events.filter { $0.name == name }.map { $0.facts.mapValues(\.description) }
        }
    }

    /// The facts of the events of a name, as they were given.
    func metadata(_ name: String) -> [Logger.Metadata] {
        events.withLock { events in events.filter { $0.name == name }.map(\.facts) }
    }
}
