package import HTTPServer
internal import JSON
package import Store
internal import Synchronization

/// Clients that follow jobs by server-sent events; no thread waits with them.
///
/// What has happened stands in the store, so a client that reads slowly costs a number, the last
/// event that it got, and not a queue of events.
package final class JobFollowers: Sendable {
    private struct Follower: Sendable {
        let jobID: String
        let stream: HTTPStream
        /// The number of the last event that was sent.
        var last: Int
        /// Whether there may be events that were not sent.
        var isBehind = true
        var lastSent = ContinuousClock.now
    }

    private struct Following: Sendable {
        var followers: [Int: Follower] = [:]
        var nextKey = 0
        var hasEnded = false
        /// What had changed in the store when it was last read.
        var mark: ChangeMark?

        /// Whether another one may follow; those who have left are forgotten if that makes room.
        mutating func makeRoom(limit: Int) -> Bool {
            if followers.count >= limit { followers = followers.filter { !$1.stream.isOver } }
            return followers.count < limit && !hasEnded
        }
    }

    /// Proxies and clients take a longer silence for a broken connection.
    private static let keepAliveInterval = Duration.seconds(15)
    /// Events that are sent at once; the transport holds 64 KiB, and these take a quarter of it.
    private static let batch = 50

    private let limit: Int
    private let following = Mutex(Following())

    /// - Parameter limit: how many may follow at once.
    package init(limit: Int) { self.limit = limit }

    /// How many follow.
    package var count: Int { following.withLock { $0.followers.count } }

    /// Whether there is room for another one; a client that comes at the same moment may take it.
    var hasRoom: Bool { following.withLock { $0.makeRoom(limit: limit) } }

    /// Adds a client that knows the events up to `last`, or ends its stream if there is no room.
    package func add(_ stream: HTTPStream, job: String, after last: Int) {
        let isTaken = following.withLock { following in
            guard following.makeRoom(limit: limit) else { return false }
            following.followers[following.nextKey] = Follower(
                jobID: job,
                stream: stream,
                last: last
            )
            following.nextKey += 1
            return true
        }
        if !isTaken { stream.finish() }
    }

    /// Ends every stream, and from now on each that is added.
    func end() {
        let followers = following.withLock { following in
            following.hasEnded = true
            defer { following.followers = [:] }
            return following.followers
        }
        for follower in followers.values { follower.stream.finish() }
    }

    /// Sends what has happened since the last time; of one thread at a time.
    ///
    /// - Parameters:
    ///   - store: where events come from.
    ///   - mark: what has changed in the store; the same as before means that nothing is new.
    ///   - now: the time, for keep-alive comments.
    ///   - beforeEnd: is called with a job that has ended before anybody is told.
    package func serve(
        from store: any Store,
        at mark: ChangeMark,
        now: ContinuousClock.Instant = .now,
        beforeEnd: (Job) -> Void
    ) {
        let (before, isChanged) = following.withLock { following in
            defer { following.mark = mark }
            return (following.followers, following.mark != mark)
        }
        guard !before.isEmpty else { return }
        var events = EventReader(store: store, batch: Self.batch)
        var after: [Int: Follower] = [:]
        var ended: [HTTPStream] = []
        for (key, follower) in before {
            var follower = follower
            if isChanged { follower.isBehind = true }
            switch Self.serve(&follower, &events, now: now, beforeEnd: beforeEnd) {
            case .goesOn: after[key] = follower
            case .hasLeft: break
            case .hasAll: ended.append(follower.stream)
            }
        }
        following.withLock { following in
            // Others may have been added meanwhile, or all ended.
            for key in before.keys where following.followers[key] != nil {
                following.followers[key] = after[key]
            }
        }
        // Last, so that who sees the end finds the place free.
        for stream in ended { stream.finish() }
    }

    /// What became of a client that was served.
    private enum Outcome {
        case goesOn
        /// It has gone.
        case hasLeft
        /// It has got the last event.
        case hasAll
    }

    /// Serves one client.
    private static func serve(
        _ follower: inout Follower,
        _ events: inout EventReader,
        now: ContinuousClock.Instant,
        beforeEnd: (Job) -> Void
    ) -> Outcome {
        let stream = follower.stream
        if stream.isOver { return .hasLeft }
        // A client that has not read what was sent gets nothing more for now.
        let isReading = stream.pendingBytes == 0
        if follower.isBehind && isReading, let batch = events.after(follower.last, follower.jobID) {
            if let ended = batch.ended { beforeEnd(ended) }
            if let last = batch.last {
                // With nothing pending only a stream that is over takes nothing.
                guard stream.send(batch.text) else { return .hasLeft }
                follower.last = last
                follower.lastSent = now
            }
            follower.isBehind = !batch.isAll
            if batch.ended != nil { return .hasAll }
        }
        if isReading && now - follower.lastSent >= keepAliveInterval {
            _ = stream.send(Array(":\n\n".utf8))
            follower.lastSent = now
        }
        return .goesOn
    }
}

/// Reads and renders events, those that several clients get once only.
private struct EventReader {
    struct Batch {
        var text: [UInt8] = []
        /// The number of the last event in it; nil without any.
        var last: Int?
        /// Whether there are no more for now.
        var isAll = true
        /// The job, if it has ended with this.
        var ended: Job?
    }

    private struct Place: Hashable {
        let job: String
        let last: Int
    }

    private let store: any Store
    private let batch: Int
    private var known: [Place: Batch] = [:]

    init(store: any Store, batch: Int) {
        self.store = store
        self.batch = batch
    }

    /// What follows an event; nil if the store cannot be read now.
    mutating func after(_ last: Int, _ job: String) -> Batch? {
        let place = Place(job: job, last: last)
        if let batch = known[place] { return batch }
        guard let read = try? read(place) else { return nil }
        known[place] = read
        return read
    }

    private func read(_ place: Place) throws(StoreError) -> Batch {
        let events = try store.events(ofJob: place.job, after: place.last, limit: batch)
        var result = Batch()
        result.isAll = events.count < batch
        result.last = events.last?.number
        for event in events {
            if event.state.isFinal { result.ended = try store.job(place.job) }
            result.text += Self.text(event, result.ended)
        }
        return result
    }

    /// An event as the HTML standard writes it; the data is one line of JSON.
    private static func text(_ event: JobEvent, _ ended: Job?) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.member("state", string: event.state.rawValue)
        json.member("attempt", int: event.attempt)
        json.member("stage", string: event.stage)
        json.member("progress", event.progress)
        if let ended { json.members(ofEnd: ended) }
        json.endObject()
        let name = event.state.isFinal ? "end" : "progress"
        return Array("id: \(event.number)\nevent: \(name)\ndata: ".utf8) + json.finish()
            + Array("\n\n".utf8)
    }
}
