internal import Examples
internal import Glibc
internal import HTTPServer
internal import Logging
internal import Store

/// Exports of whole data sets, read page by page as their clients read.
struct ExampleExports: Sendable {
    let store: any Store
    /// Each of them waits for its client.
    let work: BackgroundWork
    let clock: TimeSource
    let log: Logger

    /// Rows that are read at once.
    private static let exportedRows = 200
    /// Half of what a stream holds, so that it never runs dry.
    private static let exportedBytes = 32 * 1024
    /// After that a client that reads too slowly is cut off.
    private static let exportTime = Duration.seconds(600)

    /// Begins to send all rows that are asked for; nil once that has begun.
    ///
    /// They are read page by page in one revision, so a large data set takes no more memory than a
    /// small one. The connection breaks off if what belongs to that revision changes meanwhile.
    func begin(
        _ asked: ExampleQuery,
        _ format: ExampleFormat,
        _ request: RequestCopy,
        _ pending: PendingAnswer
    ) throws(ServiceError) -> Answer? {
        let model = request.model
        let export = try storing { () throws(StoreError) in
            try store.export(
                of: model,
                where: RowFilter(
                    version: asked.version,
                    label: asked.label,
                    source: asked.source
                )
            )
        }
        guard let export else {
            throw asked.version == nil
                ? try missingExamples(of: model, in: store) : .examplesNotKept
        }
        let name = asked.version.map { "\(model)-\($0)" } ?? model
        let fields = [
            (
                name: "Content-Disposition",
                value: "attachment; filename=\"\(name).\(format.rawValue)\""
            ), (name: "X-Accel-Buffering", value: "no"),
        ]
        let head = Answer(contentType: format.exportType, headers: fields)
        if request.method == .head { return head }
        let isStarted = work.start(bytes: 0) {
            guard let stream = pending.stream(head, isWhole: true) else { return }
            send(export, format, to: stream)
        }
        guard isStarted else {
            throw .full(
                "\(Limits.exports) exports run already; try again when one has ended, or read "
                    + "pages in JSON."
            )
        }
        return nil
    }

    private func send(_ export: ExampleExport, _ format: ExampleFormat, to stream: HTTPStream) {
        let writer = ExampleWriter(format, hasSets: export.hasSets)
        let deadline = clock.now() + Self.exportTime
        var pending = writer.header
        var after = 0
        while true {
            guard let rows = try? store.rows(of: export, limit: Self.exportedRows, after: after)
            else { return log.warning("export_broken_off", metadata: ["model": "\(export.model)"]) }
            for row in rows {
                writer.write(row.example, source: row.source.rawValue, to: &pending)
                after = row.id
                guard pending.count >= Self.exportedBytes else { continue }
                guard send(&pending, to: stream, deadline) else { return }
            }
            if rows.isEmpty { break }
        }
        guard send(&pending, to: stream, deadline) else { return }
        stream.finish()
    }

    /// Hands over bytes as the client reads them; false when it does not any more.
    private func send(
        _ pending: inout [UInt8],
        to stream: HTTPStream,
        _ deadline: ContinuousClock.Instant
    ) -> Bool {
        var rest = pending[...]
        while !rest.isEmpty {
            let piece = Array(rest.prefix(Self.exportedBytes))
            if stream.send(piece) {
                rest = rest.dropFirst(piece.count)
            } else {
                guard !stream.isOver, clock.now() < deadline else { return false }
                usleep(2_000)
            }
        }
        pending.removeAll(keepingCapacity: true)
        return true
    }
}
