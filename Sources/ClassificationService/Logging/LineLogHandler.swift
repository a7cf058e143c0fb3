internal import JSON
public import Logging

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Musl
#endif

/// Writes one line per event to standard error, each with one system call.
///
/// The message of an event is its name, such as `listening`; facts are its metadata. Whatever they
/// hold, a line stays a line: JSON escapes, and plain text replaces, what is not printable.
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

    /// Makes a handler.
    ///
    /// - Parameters:
    ///   - format: how a line looks.
    ///   - level: less severe events are left out.
    public init(format: Format, level: Logger.Level) {
        self.format = format
        logLevel = level
    }

    /// One fact that is added to each event.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes one line.
    public func log(event: LogEvent) {
        let facts = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
            .map { (name: $0.key, value: $0.value.description) }
        let time = Timestamp.text(milliseconds: Timestamp.nowMilliseconds())
        let line =
            switch format {
            case .json: Self.json(time, event.level, event.message.description, facts)
            case .plain: Self.plain(time, event.level, event.message.description, facts)
            }
        Self.write(line)
    }

    package static func json(
        _ time: String,
        _ level: Logger.Level,
        _ event: String,
        _ facts: [(name: String, value: String)]
    ) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        for (name, value) in [("time", time), ("level", level.rawValue), ("event", event)] {
            json.key(name)
            json.string(value)
        }
        for (name, value) in facts where !["time", "level", "event"].contains(name) {
            json.key(name)
            json.string(value)
        }
        json.endObject()
        return json.finish() + [UInt8(ascii: "\n")]
    }

    package static func plain(
        _ time: String,
        _ level: Logger.Level,
        _ event: String,
        _ facts: [(name: String, value: String)]
    ) -> [UInt8] {
        let pairs = facts.map { name, value in
            let isWord = !value.isEmpty && !value.utf8.contains { $0 <= 0x20 || $0 == 0x22 }
            return " \(name)=" + (isWord ? value : "\"\(value)\"")
        }
        let text = "\(time) \(level.rawValue) \(event)" + pairs.joined()
        // Control characters could forge lines or drive a terminal.
        return text.unicodeScalars.flatMap { scalar in
            let isControl = scalar.properties.generalCategory == .control
            return Array(String(isControl ? " " : Character(scalar)).utf8)
        } + [UInt8(ascii: "\n")]
    }

    /// A full disk or a closed pipe must not harm the service, so failures are not looked at.
    private static func write(_ line: [UInt8]) {
        var rest = line[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                systemWrite(STDERR_FILENO, $0.baseAddress, $0.count)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}

private func systemWrite(_ descriptor: CInt, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}
