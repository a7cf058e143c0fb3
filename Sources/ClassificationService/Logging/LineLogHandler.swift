internal import JSON
public import Logging
internal import TextForm

/// Makes one line of each event and hands it to a queue, which writes it.
///
/// The message of an event is its name, such as `listening`; facts are its metadata. Whatever they
/// hold, a line stays a line and drives no terminal: JSON escapes, and plain text spells out, what
/// is not printable. Integers are numbers in JSON (`.stringConvertible`), all else is text.
public struct LineLogHandler: LogHandler {
    /// How a line looks.
    public enum Format: String, CaseIterable, Sendable {
        /// One JSON object.
        case json
        /// Time, level, event and `name=value` pairs.
        case plain
    }

    /// Added to each event.
    public var metadata: Logger.Metadata = [:]
    /// Less severe events are left out.
    public var logLevel: Logger.Level
    private let format: Format
    private let queue: LogQueue

    /// Makes a handler.
    ///
    /// - Parameters:
    ///   - format: how a line looks.
    ///   - level: less severe events are left out.
    ///   - queue: where lines go.
    public init(format: Format, level: Logger.Level, queue: LogQueue) {
        self.format = format
        self.queue = queue
        logLevel = level
    }

    /// A queue before a descriptor, which tells what it drops as the event `log_dropped`.
    ///
    /// - Parameters:
    ///   - descriptor: where lines go; it stays open.
    ///   - format: how a line looks.
    ///   - capacity: what may wait to be written.
    /// - Returns: the queue.
    public static func queue(
        descriptor: CInt,
        format: Format,
        capacity: LogQueue.Capacity = LogQueue.Capacity()
    ) -> LogQueue {
        LogQueue(descriptor: descriptor, capacity: capacity) { count in
            line(format, .warning, "log_dropped", [("lines", .string(String(count)))])
        }
    }

    /// One fact that is added to each event.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Hands one line to the queue.
    public func log(event: LogEvent) {
        let facts = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
            .map { (name: $0.key, value: $0.value) }
        queue.append(Self.line(format, event.level, event.message.description, facts))
    }

    private static func line(
        _ format: Format,
        _ level: Logger.Level,
        _ event: String,
        _ facts: [(name: String, value: Logger.Metadata.Value)]
    ) -> [UInt8] {
        let time = Timestamp.text(milliseconds: Timestamp.nowMilliseconds())
        return switch format {
        case .json: json(time, level, event, facts)
        case .plain: plain(time, level, event, facts)
        }
    }

    package static func json(
        _ time: String,
        _ level: Logger.Level,
        _ event: String,
        _ facts: [(name: String, value: Logger.Metadata.Value)]
    ) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        for (name, value) in [("time", time), ("level", level.rawValue), ("event", event)] {
            json.key(name)
            json.string(value)
        }
        for (name, value) in facts where !["time", "level", "event"].contains(name) {
            json.key(name)
            if case .stringConvertible(let number as Int) = value {
                json.int(number)
            } else {
                json.string(value.description)
            }
        }
        json.endObject()
        return Printable.json(json.finish()) + [UInt8(ascii: "\n")]
    }

    package static func plain(
        _ time: String,
        _ level: Logger.Level,
        _ event: String,
        _ facts: [(name: String, value: Logger.Metadata.Value)]
    ) -> [UInt8] {
        let pairs = facts.map { name, fact in
            let value = fact.description
            let isWord = !value.isEmpty && !value.utf8.contains { $0 <= 0x20 || $0 == 0x22 }
            return " \(name)=" + (isWord ? value : "\"\(value)\"")
        }
        let text = "\(time) \(level.rawValue) \(event)" + pairs.joined()
        return Array(Printable.text(text).utf8) + [UInt8(ascii: "\n")]
    }
}
