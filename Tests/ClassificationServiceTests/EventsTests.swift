import ClassificationService
import Dispatch
import Foundation
import HTTPServer
import Store
import Synchronization
import TestStores
import Testing

/// One event of `GET /train/{id}/events`.
private struct Event {
    var id: Int?
    var name = ""
    var data: [String: Any] = [:]

    var state: String? { data["state"] as? String }
    var epoch: Int? { (data["progress"] as? [String: Any])?["epoch"] as? Int }

    /// Reads events as the HTML standard says; comments and `retry` are left out.
    static func all(in answer: Received) throws -> [Event] {
        try answer.text.split(separator: "\n\n").compactMap { block in
            var event = Event()
            for line in block.split(separator: "\n") {
                let value = line[(line.firstIndex(of: " ") ?? line.startIndex)...].dropFirst()
                switch line.prefix(while: { $0 != ":" }) {
                case "id": event.id = Int(value)
                case "event": event.name = String(value)
                case "data":
                    let object = try JSONSerialization.jsonObject(with: Data(value.utf8))
                    event.data = object as? [String: Any] ?? [:]
                default: break
                }
            }
            return event.data.isEmpty ? nil : event
        }
    }
}

@Suite struct EventsTests {
    let service: TestService

    init() throws { service = try TestService() }

    private func submit() throws -> String {
        let body = #"{"model":"m","examples":\#(TrainTests.rows)}"#
        return try #require(service.post("/train", body).object["id"] as? String)
    }

    private func follow(_ id: String, after last: String? = nil) -> Received {
        let header = last.map { [(name: "Last-Event-ID", value: $0)] } ?? []
        return service.send(.get, "/train/\(id)/events", headers: header)
    }

    /// Does what `trainer work` does with the next job.
    private func work(epochs: Int) throws {
        let claimed = try #require(try service.store.claim(worker: "test", lease: .seconds(30)))
        for epoch in 1...epochs {
            let progress = JobProgress(
                epoch: epoch,
                epochs: epochs,
                loss: 0.5,
                accuracy: 0.75,
                secondsLeft: 2
            )
            _ = try service.store.report(progress, claim: claimed.claim)
        }
        try service.publish(claimed)
    }

    @Test("every step of a job comes once, in order, and the last one says what became of it")
    func wholeJob() throws {
        let id = try submit()
        try work(epochs: 120)
        let answer = follow(id)
        #expect(answer.status == 200)
        #expect(answer.contentType == "text/event-stream")
        #expect(answer.text.hasPrefix("retry: 1000\n\n"))
        let events = try Event.all(in: answer)
        #expect(events.map(\.id) == Array(1...events.count))
        #expect(events.first?.state == "queued")
        #expect(events.compactMap(\.epoch) == Array(1...120) + [120])
        #expect(events.dropLast().allSatisfy { $0.name == "progress" })
        let progress = try #require(events.last?.data["progress"] as? [String: Double])
        #expect(progress["loss"] == 0.5 && progress["accuracy"] == 0.75)
        #expect(progress["seconds_left"] == 2)
        #expect(events.last?.name == "end")
        #expect(events.last?.state == "succeeded")
        #expect(events.last?.data["version"] as? Int == 1)
        #expect(events.last?.data["promoted"] as? Bool == true)
        #expect(events.last?.data["reason"] is String)
        #expect(events.last?.data["error"] is NSNull)
        // The version that the last event names serves by then.
        let classified = service.post("/classify", #"{"text":"happy","model":"m"}"#)
        #expect(classified.object["version"] as? Int == 1)
    }

    @Test("a client that comes back gets what it has missed, or 204 if that is nothing")
    func resumes() throws {
        let id = try submit()
        try work(epochs: 5)
        let all = try Event.all(in: follow(id))
        for last in 1..<all.count {
            let rest = try Event.all(in: follow(id, after: "\(last)"))
            #expect(rest.map(\.id) == all.dropFirst(last).map(\.id))
        }
        for last in ["\(all.count)", "\(all.count + 1)", "9223372036854775807"] {
            #expect(follow(id, after: last).status == 204)
        }
        for ignored in ["x", "-7", "", "99999999999999999999"] {
            #expect(try Event.all(in: follow(id, after: ignored)).count == all.count)
        }
    }

    @Test("what happens while a client follows reaches it")
    func live() throws {
        let id = try submit()
        let answered = Mutex<Received?>(nil)
        Thread.detachNewThread { [self] in
            let answer = follow(id)
            answered.withLock { $0 = answer }
        }
        while service.service.followerCount == 0 { usleep(1000) }
        #expect(answered.withLock { $0 == nil })
        _ = service.send(.delete, "/train/\(id)")
        while answered.withLock({ $0 == nil }) { usleep(1000) }
        let answer = try #require(answered.withLock { $0 })
        let events = try Event.all(in: answer)
        #expect(events.map(\.state) == ["queued", "cancelled"])
        #expect(events.last?.name == "end")
        #expect(service.service.followerCount == 0)
    }

    @Test("so many may follow and no more; stopping ends their streams")
    func bounded() throws {
        let service = try TestService { $0.limits.followers = 2 }
        let body = #"{"model":"m","examples":\#(TrainTests.rows)}"#
        let id = try #require(service.post("/train", body).object["id"] as? String)
        let ended = DispatchGroup()
        for _ in 0..<2 {
            ended.enter()
            Thread.detachNewThread {
                #expect(service.get("/train/\(id)/events").status == 200)
                ended.leave()
            }
        }
        while service.service.followerCount < 2 { usleep(1000) }
        let third = service.get("/train/\(id)/events")
        #expect(third.status == 503)
        #expect(third.code == "busy")
        #expect(third.headers["Retry-After"] != nil)
        #expect(service.send(.head, "/train/\(id)/events").status == 200)
        service.service.stop()
        ended.wait()
        #expect(service.service.followerCount == 0)
    }

    @Test("a silent stream gets a comment every 15 seconds")
    func keepsAlive() throws {
        let id = try submit()
        let followers = JobFollowers(limit: 1)
        let answer = Mutex<HTTPResponse?>(nil)
        let responder = HTTPResponder { response in answer.withLock { $0 = response } }
        do {
            let stream = try #require(responder.stream(HTTPResponse(status: 200)))
            followers.add(stream, job: id, after: 0)
        }
        let start = ContinuousClock.now
        for seconds in stride(from: 0, through: 60, by: 5) {
            followers.serve(
                from: service.store,
                at: ChangeMark(1),
                now: start + .seconds(seconds)
            ) { _ in }
        }
        _ = service.send(.delete, "/train/\(id)")
        followers.serve(from: service.store, at: ChangeMark(2), now: start + .seconds(61)) { _ in }
        let text = String(decoding: answer.withLock { $0 }?.body ?? [], as: UTF8.self)
        #expect(text.split(separator: "\n\n").count { $0 == ":" } == 4)
        #expect(text.contains("event: end"))
        #expect(followers.count == 0)
    }

    @Test("who has seen the end of a stream finds its place free")
    func endFreesPlace() throws {
        let id = try submit()
        let followers = JobFollowers(limit: 1)
        let countAtEnd = Mutex<Int?>(nil)
        let responder = HTTPResponder { _ in countAtEnd.withLock { $0 = followers.count } }
        do {
            let stream = try #require(responder.stream(HTTPResponse(status: 200)))
            followers.add(stream, job: id, after: 0)
        }
        _ = service.send(.delete, "/train/\(id)")
        followers.serve(from: service.store, at: ChangeMark(1)) { _ in }
        #expect(countAtEnd.withLock { $0 } == 0)
    }

    @Test("there are no events of what is no job")
    func unknown() {
        for id in ["job-" + String(repeating: "0", count: 32), "job-1", "x"] {
            #expect(follow(id).status == 404)
        }
    }
}
