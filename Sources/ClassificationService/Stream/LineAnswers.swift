internal import Glibc
internal import HTTPServer
internal import JSON

/// The answers to the lines of a body, one line each, made as the client reads them.
///
/// All come from one version, which stays in memory as long as this.
///
/// `@unchecked Sendable`: `read` alone touches `state`, and of that `HTTPBodySource` says that one
/// thread at a time calls it.
final class LineAnswers: HTTPBodySource, @unchecked Sendable {
    private struct State: ~Copyable {
        var lines: BodyLines
        let parser = JSONParser()
        /// Answers that are not read yet, from `start` on.
        var output: [UInt8] = []
        var start = 0
        var isOver = false
    }

    private var state: State
    private let model: ServedModel
    private let options: ClassifyRequest.Options

    /// What a thread works through before others have their turn, in bytes of lines.
    private static let turnBytes = 32 << 10
    /// What is explained of a text: each word costs two passes, for which others wait.
    static let explainedBytes = 4 << 10

    init(_ place: BodyLines.Place, _ options: ClassifyRequest.Options, _ model: ServedModel) {
        self.model = model
        self.options = options
        state = State(lines: BodyLines(place, longest: Limits.lineBytes))
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int? {
        guard fill(&state, atLeast: buffer.count) else { return nil }
        let count = min(buffer.count, state.output.count - state.start)
        state.output.withUnsafeBytes { output in
            let next = output[state.start...].prefix(count)
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: next))
        }
        state.start += count
        if state.start == state.output.count {
            state.output.removeAll(keepingCapacity: true)
            state.start = 0
        }
        return count
    }

    /// Answers lines until there is enough, or others should have their turn; false if the body
    /// cannot be read.
    private func fill(_ state: inout State, atLeast count: Int) -> Bool {
        var done = 0
        while !state.isOver && state.output.count - state.start < count && done < Self.turnBytes {
            switch state.lines.next() {
            case .line(let line):
                done += line.count + 1
                answer(line, &state)
            case .longLine:
                let limit = Limits.lineBytes
                refuse("invalid_request", "The line is longer than \(limit) bytes.", &state)
            case .partOfLongLine:
                // A blank before the answer, so that the client sees that it goes on.
                state.output.append(UInt8(ascii: " "))
                return true
            case .end: state.isOver = true
            case .failure: return false
            }
        }
        return true
    }

    private func answer(_ line: UnsafeRawBufferPointer, _ state: inout State) {
        let value: JSONValue
        do throws(JSONError) { value = try state.parser.parse(line) } catch {
            return refuse("invalid_json", error.description, &state)
        }
        guard let text = value.utf8 ?? Self.text(of: value) else {
            let detail = "The line must be a string, or an object with \"text\" alone, a string."
            return refuse("invalid_request", detail, &state)
        }
        if options.isExplained && text.count > Self.explainedBytes {
            let detail =
                "With \"explain\" a text of a stream has \(Self.explainedBytes) bytes at most."
            return refuse("invalid_request", detail, &state)
        }
        var writer = NativeWriter(options, textCount: 1, model)
        _ = model.classify([text], options, into: &writer)
        state.output += writer.finish().body
        state.output.append(UInt8(ascii: "\n"))
    }

    private static func text(of value: JSONValue) -> UnsafeBufferPointer<UInt8>? {
        guard value.kind == .object, value.count == 1 else { return nil }
        return value["text"]?.utf8
    }

    private func refuse(_ code: String, _ detail: String, _ state: inout State) {
        var json = JSONWriter()
        json.beginObject()
        json.key("error")
        json.beginObject()
        json.member("line", int: state.lines.number)
        json.member("code", string: code)
        json.member("detail", string: detail)
        json.endObject()
        json.endObject()
        state.output += json.finish()
        state.output.append(UInt8(ascii: "\n"))
    }
}
