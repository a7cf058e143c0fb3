import ClassificationService
import Glibc
import Logging
import Testing

/// A pipe as the system gives it; nobody reads it but the test.
private final class TestPipe: Sendable {
    let reading: CInt
    let writing: CInt

    init() throws {
        var ends: [CInt] = [-1, -1]
        try #require(pipe(&ends) == 0)
        (reading, writing) = (ends[0], ends[1])
        _ = fcntl(reading, F_SETFL, O_NONBLOCK)
    }

    deinit {
        close(reading)
        close(writing)
    }

    /// Writes until nothing more fits.
    func fill() -> Int {
        let flags = fcntl(writing, F_GETFL)
        _ = fcntl(writing, F_SETFL, flags | O_NONBLOCK)
        defer { _ = fcntl(writing, F_SETFL, flags) }
        var count = 0
        while write(writing, "x", 1) == 1 { count += 1 }
        return count
    }

    /// What is there to be read.
    func read() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = Glibc.read(reading, &bytes, bytes.count)
        return Array(bytes.prefix(max(0, count)))
    }
}

@Suite struct LogQueueTests {
    private static func line(_ number: Int) -> [UInt8] { Array("line \(number)\n".utf8) }

    private static func queue(_ pipe: TestPipe, lines: Int = 10, bytes: Int = 1000) -> LogQueue {
        var capacity = LogQueue.Capacity()
        capacity.lines = lines
        capacity.bytes = bytes
        return LogQueue(descriptor: pipe.writing, capacity: capacity) { count in
            Array("dropped \(count)\n".utf8)
        }
    }

    /// The lines that arrive, until the queue is empty.
    private static func drain(_ pipe: TestPipe, _ queue: LogQueue) -> [Substring] {
        var bytes: [UInt8] = []
        for _ in 0..<2000 {
            let isWritten = queue.flush(within: .milliseconds(5))
            bytes += pipe.read()
            if isWritten { break }
        }
        bytes += pipe.read()
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    }

    @Test("lines arrive whole and in order")
    func order() throws {
        let pipe = try TestPipe()
        let queue = Self.queue(pipe, lines: 100, bytes: 10_000)
        for number in 0..<100 { queue.append(Self.line(number)) }
        #expect(Self.drain(pipe, queue) == (0..<100).map { "line \($0)" })
        #expect(queue.droppedLines == 0)
    }

    @Test(
        "a pipe that nobody reads stops nobody; then one line says what was dropped",
        arguments: [(lines: 10, bytes: 1 << 20, kept: 10), (lines: 1000, bytes: 70, kept: 8)]
    )
    func fullPipe(lines: Int, bytes: Int, kept: Int) throws {
        let pipe = try TestPipe()
        let filled = pipe.fill()
        let queue = Self.queue(pipe, lines: lines, bytes: bytes)
        for number in 10..<60 { queue.append(Self.line(number)) }
        #expect(!queue.flush(within: .milliseconds(20)))
        #expect(queue.droppedLines == 50 - kept)
        let arrived = Self.drain(pipe, queue)
        #expect(arrived[0] == String(repeating: "x", count: filled) + "line 10")
        #expect(arrived[1..<kept] == (11..<10 + kept).map { "line \($0)" }[...])
        #expect(arrived[kept...] == ["dropped \(50 - kept)"])
        queue.append(Self.line(99))
        #expect(Self.drain(pipe, queue) == ["line 99"])
    }

    @Test("a pipe that does not block is waited for")
    func nonBlockingPipe() throws {
        let pipe = try TestPipe()
        _ = fcntl(pipe.writing, F_SETFL, O_NONBLOCK)
        let filled = pipe.fill()
        let queue = Self.queue(pipe)
        queue.append(Self.line(1))
        #expect(!queue.flush(within: .milliseconds(20)))
        let arrived = Self.drain(pipe, queue)
        #expect(arrived.map(\.count) == [filled + "line 1".count])
        #expect(arrived.first?.hasSuffix("line 1") == true)
        #expect(queue.droppedLines == 0)
    }

    @Test("what a full disk does not take is counted")
    func fullDisk() throws {
        let disk = open("/dev/full", O_WRONLY)
        try #require(disk >= 0)
        defer { close(disk) }
        let queue = LogQueue(descriptor: disk) { _ in [] }
        for number in 0..<5 { queue.append(Self.line(number)) }
        #expect(queue.flush(within: .seconds(20)))
        #expect(queue.droppedLines == 5)
    }

    @Test("a line that is larger than the queue is dropped")
    func largeLine() throws {
        let pipe = try TestPipe()
        let queue = Self.queue(pipe)
        queue.append(Array(repeating: 0x61, count: 1001))
        queue.append(Self.line(1))
        #expect(Set(Self.drain(pipe, queue)) == ["line 1", "dropped 1"])
    }

    @Test("the handler's queue tells what it dropped as an event")
    func event() throws {
        let pipe = try TestPipe()
        var capacity = LogQueue.Capacity()
        capacity.lines = 1
        let filled = pipe.fill()
        let queue = LineLogHandler.queue(
            descriptor: pipe.writing,
            format: .json,
            capacity: capacity
        )
        let log = Logger(label: "test") { _ in
            LineLogHandler(format: .json, level: .info, queue: queue)
        }
        for _ in 0..<3 { log.info("something") }
        let lines = Self.drain(pipe, queue)
        #expect(lines.count == 2)
        #expect(lines.first?.dropFirst(filled).contains(#""event":"something""#) == true)
        #expect(lines.last?.contains(#""event":"log_dropped","lines":"2""#) == true)
    }
}
